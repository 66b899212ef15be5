import http from 'k6/http';
export default function () {
  const r = http.get(`${__ENV.BASE_URL}/bytes/3`, { responseType: 'none' });
  const copy = JSON.parse(JSON.stringify(r));
  for (const key of Object.keys(copy.timings)) copy.timings[key] = typeof copy.timings[key];
  delete copy.headers;
  copy.remote_port = typeof copy.remote_port;
  delete copy.request.headers;
  console.log(JSON.stringify(copy, Object.keys(copy).concat(Object.keys(copy.request), Object.keys(copy.timings), ['ocsp', 'status']).sort()));
}
