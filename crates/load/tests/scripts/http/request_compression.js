import http from 'k6/http';
const url = `${__ENV.BASE_URL}/post`;
export default function () {
  for (const compression of ['gzip', 'deflate', 'gzip, deflate', 'br', 'zstd', 'deflate,gzip']) {
    const r = http.post(url, 'x'.repeat(1000), { compression });
    const h = r.json('headers');
    console.log(compression, r.status, h['Content-Encoding'], h['Content-Length'] < 100, r.request.body.length);
  }
  try { http.post(url, 'x', { compression: 'lzw' }); } catch (e) { console.log(String(e)); }
  const own = http.post(url, 'x', { compression: 'gzip', headers: { 'Content-Encoding': 'own' } });
  console.log(own.json('headers.Content-Encoding'));
}
