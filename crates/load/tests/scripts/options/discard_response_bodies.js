import http from 'k6/http';
export const options = { iterations: 1, discardResponseBodies: true };
export default function () {
  const none = http.get(`${__ENV.BASE_URL}/get`);
  const text = http.get(`${__ENV.BASE_URL}/bytes/4`, { responseType: 'binary' });
  console.log(none.status, none.body, text.body.byteLength);
  try { none.json(); } catch (e) { console.log('json:', e.message || String(e)); }
}
