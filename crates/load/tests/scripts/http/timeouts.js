import http from 'k6/http';
export default function () {
  for (const timeout of [300, '300ms', '0.3s']) {
    const before = Date.now();
    const r = http.get(`${__ENV.BASE_URL}/delay/5`, { timeout });
    console.log(r.status, r.error_code, r.error, Date.now() - before < 3000, r.body, Object.keys(r.headers).length);
  }
  console.log(http.get(`${__ENV.BASE_URL}/delay/0.1`, { timeout: 5000 }).status);
}
