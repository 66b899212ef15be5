import http from 'k6/http';
import exec from 'k6/execution';
const base = __ENV.BASE_URL;
export const options = { vus: 2, duration: '10s' };
export default function () {
  if (exec.vu.idInTest === 1) {
    http.batch([`${base}/delay/5`, `${base}/delay/5`]);
    console.log('never');
  }
  http.get(`${base}/delay/0.3`);
  exec.test.abort('enough');
}
export function teardown() { console.log('teardown'); }
