export const options = { scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '200ms' } } };
export default function () { while (true); }
export function teardown() { console.log('teardown'); }
