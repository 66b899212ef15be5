import http from 'k6/http';
import { Counter } from 'k6/metrics';
const c = new Counter('cc');
export const options = {
  iterations: 2,
  thresholds: {
    'http_req_duration{name:Got}': ['max<5000'],
    'http_reqs{name:Got,status:200}': ['count==2'],
    'http_reqs{ status:404 }': ['count==2'],
    'http_reqs{status:500}': ['count==0'],
    'http_req_failed{expected_response:false}': ['rate==1'],
    'http_req_failed': ['rate==0.5'],
    'cc{a:b}': ['count==4'],
    'cc{a:b,x:y}': ['count==2'],
    'cc{no:such}': ['count==0'],
  },
};
export default function () {
  http.get(`${__ENV.BASE_URL}/get`, { tags: { name: 'Got' } });
  http.get(`${__ENV.BASE_URL}/status/404`);
  c.add(1, { a: 'b' });
  c.add(1, { a: 'b', x: 'y' });
  c.add(1);
}
