export const options = { scenarios: { s: { executor: 'constant-vus', vus: 4, duration: '100ms' } } };
export default function () {}
