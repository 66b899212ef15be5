import http from 'k6/http';
export default function () {
  const r = http.get(__ENV.SECURE_URL.replace('https', 'http') + '/get');
  console.log(r.status === 200, r.error_code > 0 || r.status === 400);
}
