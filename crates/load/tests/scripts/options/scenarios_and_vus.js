export const options = { vus: 3, iterations: 5, scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } } };
export default function () { console.log('ran'); }
