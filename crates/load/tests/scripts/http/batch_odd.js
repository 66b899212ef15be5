import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  for (const arg of [[], {}, undefined, null, 'text', [5], [[]], [['GET']], [`${base}/get`, 'http://127.0.0.1:1/'], [''], [{}]]) {
    try {
      const rs = http.batch(arg);
      console.log(JSON.stringify(arg), Array.isArray(rs), JSON.stringify(Object.values(rs).map((r) => [r.status, r.error_code])));
    } catch (e) { console.log(JSON.stringify(arg), 'threw', String(e)); }
  }
}
