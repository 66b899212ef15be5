import http from 'k6/http';
import { check } from 'k6';
const port = __ENV.BASE_URL.split(':')[2];
export default function () {
  const refused = http.get('http://127.0.0.1:1/x');
  console.log(refused.status, refused.error_code, refused.error, refused.body, refused.status_text, refused.url, refused.proto, JSON.stringify(refused.headers));
  const reset = http.get(`${__ENV.BASE_URL}/reset`);
  console.log(reset.status, reset.error_code, reset.error);
  const tls = http.get(`https://127.0.0.1:${port}/get`);
  console.log(tls.status, tls.error_code);
  check(refused, { 'is refused': (r) => r.error_code === 1212, 'no timings': (r) => r.timings.duration === 0 });
}
