export const options = { iterations: 2, thresholds: { iterations: [{ threshold: 'count>100', abortOnFail: false }, 'count==2'] } };
export default function () {}
