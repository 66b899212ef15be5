import { sleep } from 'k6';
import { Counter } from 'k6/metrics';
const users = new Counter('users');
export const options = { scenarios: { s: { executor: 'constant-vus', vus: 4, duration: '1s' } } };
export default function () { if (__ITER === 0) users.add(1); sleep(0.21); }
