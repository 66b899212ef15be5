export const options = { scenarios: { s: { executor: 'externally-controlled', vus: 1 } } };
export default function () {}
