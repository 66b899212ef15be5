import http from 'k6/http';
export default function () {
  for (const timeout of [0, '0s', '0', -5, 0.5, '1', '5s']) {
    const r = http.get(`${__ENV.BASE_URL}/delay/0.5`, { timeout });
    console.log(JSON.stringify(timeout), r.status, r.error_code, r.error);
  }
}
