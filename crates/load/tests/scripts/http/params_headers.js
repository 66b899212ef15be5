import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const r = http.get(`${base}/headers`, { headers: { 'X-One': '1', 'x-two': 'two', 'X-Number': 3, Host: 'other.test', 'Accept-Language': 'de' } });
  const h = r.json('headers');
  console.log(h['X-One'], h['X-Two'], h['X-Number'], h.Host, h['Accept-Language'], h['User-Agent'].includes('/'), h.Accept, h['Accept-Encoding']);
  console.log(Object.keys(r.request.headers).sort().join(), JSON.stringify(r.request.headers['X-One']));
  try { console.log(http.get(`${base}/headers`, { headers: { 'bad name': 'x' } }).status); } catch (e) { console.log(String(e)); }
  console.log(http.get(`${base}/headers`, { headers: { 'X-Null': null, 'X-Undef': undefined } }).json('headers.X-Null'));
  for (const headers of [null, undefined, {}, 'text', 5]) {
    try { console.log(String(headers), http.get(`${base}/get`, { headers }).status); } catch (e) { console.log(String(headers), String(e)); }
  }
}
