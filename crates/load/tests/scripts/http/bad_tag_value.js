import http from 'k6/http';
export default function () {
  for (const value of [null, undefined, {}, [], 1.5, false, '', 'ü', NaN, () => 1]) {
    const r = http.get(`${__ENV.BASE_URL}/get`, { tags: { my: value } });
    console.log(typeof value, String(value), r.status, r.error_code);
  }
}
