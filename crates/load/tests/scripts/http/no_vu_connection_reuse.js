import http from 'k6/http';
import { Counter } from 'k6/metrics';
const opened = new Counter('opened');
export const options = { noVUConnectionReuse: true, scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 3 } } };
export default function () {
  for (let i = 0; i < 4; i++) if (http.get(`${__ENV.BASE_URL}/get`).timings.connecting > 0) opened.add(1);
}
