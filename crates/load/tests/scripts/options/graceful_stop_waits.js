import { sleep } from 'k6';
import { Counter } from 'k6/metrics';
const ended = new Counter('ended');
export const options = { scenarios: { s: { executor: 'constant-vus', vus: 3, duration: '1s', gracefulStop: '10s' } } };
export default function () { sleep(1.4); ended.add(1); }
