import { sleep } from 'k6';
import { Counter } from 'k6/metrics';
const users = new Counter('users');
export const options = {
  scenarios: { s: { executor: 'ramping-vus', startVUs: 1, stages: [{ duration: '1s', target: 4 }, { duration: '500ms', target: 4 }, { duration: '500ms', target: 0 }], gracefulRampDown: '1s' } },
};
export default function () { if (__ITER === 0) users.add(1); sleep(0.2); }
