import { stable } from '../support.js';
import http from 'k6/http';
const base = __ENV.BASE_URL;
export const options = { iterations: 1, thresholds: { 'http_reqs{status:302}': ['count>0'] } };
export default function () {
  const r = http.get(`${base}/redirect/3`);
  console.log(r.status, r.url, r.request.url);
  const none = http.get(`${base}/redirect/3`, { redirects: 0 });
  console.log(none.status, none.url, none.headers.Location, none.error_code, none.error);
  const one = http.get(`${base}/redirect/3`, { redirects: 1 });
  console.log(one.status, one.url);
  for (const code of [301, 302, 303, 307, 308]) {
    const p = http.post(`${base}/redirect-to?url=/anything&status_code=${code}`, { a: 'b' });
    console.log(code, p.status, p.json('method'), stable(p.json('form')), p.request.method);
  }
  console.log(http.put(`${base}/redirect-to?url=/anything&status_code=302`, 'x').json('method'));
}
