import http from 'k6/http';
const place = (e) => String(e).match(/at line \d+, character \d+/)[0];
export default function () {
  for (const path of ['/html', '/status/200', '/bytes/5']) {
    const r = http.get(__ENV.BASE_URL + path);
    try { console.log(path, r.json()); } catch (e) { console.log(path, e.name, place(e)); }
    try { console.log(path, r.json('a.b')); } catch (e) { console.log(path, e.name, place(e)); }
  }
  const refused = http.get('http://127.0.0.1:1/');
  try { console.log(refused.json()); } catch (e) { console.log(String(e)); }
}
