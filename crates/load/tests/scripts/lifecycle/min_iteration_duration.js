export const options = { minIterationDuration: '0.3s', iterations: 2, thresholds: { iteration_duration: ['min>=300'] } };
export default function () {}
