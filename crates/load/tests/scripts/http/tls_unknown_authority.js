import http from 'k6/http';
export default function () {
  const r = http.get(`${__ENV.SECURE_URL}/get`);
  console.log(r.status, r.error_code, r.error, r.tls_version);
}
