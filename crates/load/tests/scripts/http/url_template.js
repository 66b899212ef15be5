import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const u = http.url`${base}/get?a=${1}&b=${'x-y'}`;
  console.log(typeof u, JSON.stringify(u).split(base).join('BASE'));
  const r = http.get(u);
  console.log(r.url, r.json('args.b'), r.status);
}
