import http from 'k6/http';
const secure = __ENV.SECURE_URL;
export const options = { iterations: 1, insecureSkipTLSVerify: true, thresholds: { 'http_reqs{proto:HTTP/2.0}': ['count==5'], 'http_reqs{tls_version:tls1.3}': ['count==5'] } };
export default function () {
  const r = http.get(`${secure}/get?a=1`);
  console.log(r.status, r.proto, r.tls_version, r.status_text, r.json('args.a'), r.timings.tls_handshaking > 0, typeof r.tls_cipher_suite, r.headers['Content-Type']);
  console.log(http.get(`${secure}/get`).timings.tls_handshaking, http.post(`${secure}/post`, { f: 'v' }).json('form.f'));
  console.log(http.batch([`${secure}/get?n=1`, `${secure}/get?n=2`]).map((x) => `${x.proto} ${x.json('args.n')}`).join());
}
