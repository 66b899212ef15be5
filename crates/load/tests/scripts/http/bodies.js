import { stable } from '../support.js';
import http from 'k6/http';
const url = `${__ENV.BASE_URL}/post`;
function show(label, body, params) {
  try {
    const r = http.post(url, body, params);
    const j = r.json();
    console.log(label, stable({ type: j.headers['Content-Type'], length: j.headers['Content-Length'], data: j.data, form: j.form }), stable(r.request.body));
  } catch (e) { console.log(label, 'threw', String(e)); }
}
export default function () {
  show('string', 'plain ✓');
  show('empty', '');
  show('null', null);
  show('undefined', undefined);
  show('form', { a: 1, b: 'x y&z', c: true, d: null, e: [1, 2], 'k k': 'ü' });
  show('empty form', {});
  show('json', stable({ a: 1 }), { headers: { 'Content-Type': 'application/json' } });
  show('form with type', { a: 1 }, { headers: { 'Content-Type': 'text/plain' } });
  show('buffer', new Uint8Array([104, 105]).buffer);
  show('typed array', new Uint8Array([104, 105]));
  show('number', 5);
  show('boolean', true);
  show('array', [1, 2]);
  show('nested', { a: { b: 1 } });
}
