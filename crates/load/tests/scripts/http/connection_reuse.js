import http from 'k6/http';
import { Counter } from 'k6/metrics';
const opened = new Counter('opened');
export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 5 } } };
export default function () { if (http.get(`${__ENV.BASE_URL}/get`).timings.connecting > 0) opened.add(1); }
