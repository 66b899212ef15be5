import http from 'k6/http';
import { check, group } from 'k6';
export const options = { iterations: 3, thresholds: { http_reqs: ['count==3'], 'http_req_failed': ['rate<0.5'], checks: ['rate==1'], iterations: ['count==3'], http_req_duration: ['p(95)<5000'], data_sent: ['count>0'], data_received: ['count>0'] } };
export default function () {
  group('g', () => check(http.get(`${__ENV.BASE_URL}/status/${__ITER === 2 ? 500 : 200}`), { any: () => true }));
}
