export const options = { iterations: 2, thresholds: { 'iterations{run:7}': ['count==2'], 'iterations{run:8}': ['count==0'] } };
export default function () {}
