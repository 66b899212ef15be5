export const options = { scenarios: { s: { executor: 'constant-vus', vus: 1, duration: NaN } } };
export default function () {}
