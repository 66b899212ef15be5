export const options = { scenarios: { s: { executor: 'ramping-vus', stages: [{ duration: '1s' }] } } };
export default function () {}
