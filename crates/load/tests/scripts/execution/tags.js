import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import { check } from 'k6';
import { attempt } from '../support.js';
const c = new Counter('a_counter');
export const options = { iterations: 2, thresholds: { 'a_counter{who:me}': ['count==2'], 'http_reqs{who:me}': ['count==2'], 'checks{who:me}': ['rate==1'], 'iterations{who:me}': ['count==1'], 'a_counter{number:5}': ['count==2'] } };
export default function () {
  c.add(1);
  exec.vu.metrics.tags.who = 'me';
  exec.vu.metrics.tags['number'] = 5;
  http.get(`${__ENV.BASE_URL}/get`);
  check(1, { ok: true });
  c.add(1);
  console.log(exec.vu.metrics.tags.who, exec.vu.tags.who, typeof exec.vu.metrics.tags.number, attempt(() => { exec.vu.metrics.tags.bad = {}; return 'set'; }), attempt(() => { exec.vu.metrics.tags = { only: 'this' }; return 'replaced'; }));
  delete exec.vu.metrics.tags.who;
}
