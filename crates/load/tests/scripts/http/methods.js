import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const seen = [
    http.get(`${base}/anything`), http.post(`${base}/anything`, 'b'), http.put(`${base}/anything`, 'b'), http.patch(`${base}/anything`, 'b'),
    http.del(`${base}/anything`, 'b'), http.options(`${base}/anything`, 'b'), http.request('GET', `${base}/anything`),
    http.request('DELETE', `${base}/anything`, 'b'), http.request('PROPFIND', `${base}/anything`),
  ];
  for (const r of seen) console.log(r.status, r.json('method'), JSON.stringify(r.json('data')), r.request.method);
  const head = http.head(`${base}/get`);
  console.log(head.status, JSON.stringify(head.body), head.headers['Content-Length'] > 0);
  console.log(http.del(`${base}/delete`).json('data'), http.get(`${base}/get`, null).status, http.get(`${base}/get`, {}).status);
}
