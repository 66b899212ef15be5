export const options = { scenarios: { s: { vus: 1, duration: '1s' } } };
export default function () {}
