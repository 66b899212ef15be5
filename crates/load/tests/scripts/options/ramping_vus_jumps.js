import { sleep } from 'k6';
import { Counter } from 'k6/metrics';
const users = new Counter('users');
export const options = {
  scenarios: { s: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: 0, target: 5 }, { duration: '700ms', target: 5 }, { duration: '0s', target: 0 }] } },
};
export default function () { if (__ITER === 0) users.add(1); sleep(0.23); }
