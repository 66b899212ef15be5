import { stable } from '../support.js';
import http from 'k6/http';
const base = __ENV.BASE_URL;
function sent(url = base) { return stable(http.cookieJar().cookiesForURL(url)); }
export default function () {
  const jar = http.cookieJar();
  jar.set(base, 'plain', 'a');
  jar.set(base, 'pathed', 'b', { path: '/deep' });
  jar.set(base, 'secure', 'c', { secure: true });
  jar.set(base, 'old', 'd', { expires: 'Thu, 01 Jan 1970 00:00:00 GMT' });
  jar.set(base, 'future', 'e', { expires: 'Mon, 02 Jan 2090 15:04:05 MST', max_age: 600 });
  jar.set(base, 'foreign', 'f', { domain: 'example.test' });
  jar.set('http://a.example.test/', 'domain', 'g', { domain: 'example.test' });
  jar.set('http://a.example.test/', 'host', 'h');
  console.log(sent().replace(/"/g, ''));
  console.log(sent(`${base}/deep/er`).replace(/"/g, ''));
  console.log(sent('http://b.example.test/'), sent('http://a.example.test/'), sent('http://example.test/'));
  try { jar.set(base, 'x', 'y', { expires: 'no date' }); } catch (e) { console.log('threw', String(e)); }
  try { jar.set('::bad', 'x', 'y'); } catch (e) { console.log('threw', String(e)); }
}
