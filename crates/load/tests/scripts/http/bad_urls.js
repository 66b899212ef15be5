import http from 'k6/http';
export default function () {
  for (const url of ['', 'no-scheme', 'ftp://x.test/', 'http://', 'http://127.0.0.1:99999/', 'http:// space.test/', '/relative', 'http://[::1', undefined, null, 5, {}]) {
    try { const r = http.get(url); console.log(String(url), r.status, r.error_code, r.error.replace(/^invalid URL.*/, 'invalid URL')); } catch (e) { console.log(String(url), 'threw', String(e)); }
  }
}
