export const options = { scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1s', startVU: 1 } } };
export default function () {}
