import { sleep } from 'k6';
import { Counter } from 'k6/metrics';
const begun = new Counter('begun');
const ended = new Counter('ended');
export const options = { scenarios: { s: { executor: 'constant-vus', vus: 3, duration: '1s', gracefulStop: '200ms' } } };
export default function () { begun.add(1); sleep(20); ended.add(1); }
export function teardown() { console.log('teardown still runs'); }
