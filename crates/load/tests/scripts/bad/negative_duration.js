export const options = { scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '-5s' } } };
export default function () {}
