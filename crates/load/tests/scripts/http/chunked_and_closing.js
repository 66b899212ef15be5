import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const r = http.get(`${base}/stream/3`);
  console.log(r.status, JSON.stringify(r.body), r.headers['Content-Length']);
  for (let i = 0; i < 3; i++) console.log(http.get(`${base}/close`).status, http.get(`${base}/get`).status);
}
