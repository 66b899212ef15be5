import { sleep } from 'k6';
import { Rate } from 'k6/metrics';
const bad = new Rate('bad');
export const options = {
  vus: 1, duration: '30s',
  thresholds: { bad: [{ threshold: 'rate<0.5', abortOnFail: true }] },
};
export default function () { bad.add(true); sleep(0.1); }
export function teardown() { console.log('teardown'); }
