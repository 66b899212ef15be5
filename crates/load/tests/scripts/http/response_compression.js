import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  for (const [path, member] of [['gzip', 'gzipped'], ['deflate', 'deflated'], ['brotli', 'brotli']]) {
    const r = http.get(`${base}/${path}`);
    console.log(path, r.status, r.headers['Content-Encoding'], r.json(member));
    console.log(http.get(`${base}/${path}`, { responseType: 'binary' }).body.byteLength > 100, http.get(`${base}/${path}`, { responseType: 'none' }).body);
  }
  const asked = http.get(`${base}/gzip`, { headers: { 'Accept-Encoding': 'gzip' } });
  console.log(asked.json('headers.Accept-Encoding'), asked.json('gzipped'));
}
