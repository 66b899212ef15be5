import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const r = http.get(`${base}/response-headers?X-Custom=abc&X-Two=1&X-Two=2`);
  console.log(Object.keys(r).sort().join());
  console.log(r.status, r.status_text, r.proto, r.url, r.remote_ip, typeof r.remote_port, r.error, r.error_code, r.tls_version, r.tls_cipher_suite);
  console.log(r.headers['X-Custom'], r.headers['X-Two'], r.headers['x-custom'], r.headers['Content-Type']);
  console.log(Object.keys(r.timings).sort().join(), Object.values(r.timings).every((t) => typeof t === 'number' && t >= 0));
  const t = r.timings;
  console.log(Math.abs(t.duration - (t.sending + t.waiting + t.receiving)) < 0.01);
  console.log(Object.keys(r.request).sort().join(), r.request.method, r.request.url, r.request.body);
  console.log(JSON.stringify(r.ocsp), JSON.stringify(r.cookies));
  console.log(typeof r.json, typeof r.html, typeof r.submitForm, typeof r.clickLink);
}
