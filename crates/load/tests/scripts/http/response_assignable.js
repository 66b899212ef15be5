import http from 'k6/http';
export default function () {
  const r = http.get(`${__ENV.BASE_URL}/get?a=b`);
  r.body = JSON.parse(r.body);
  console.log(r.body.args.a, r.status, typeof http.get(`${__ENV.BASE_URL}/get`).body);
}
