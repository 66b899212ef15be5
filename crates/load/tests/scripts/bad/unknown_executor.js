export const options = { scenarios: { s: { executor: 'constant-users', vus: 1, duration: '1s' } } };
export default function () {}
