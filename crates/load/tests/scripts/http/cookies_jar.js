import { stable } from '../support.js';
import http from 'k6/http';
const base = __ENV.BASE_URL;
export const options = { iterations: 2 };
function sent(params) { return stable(http.get(`${base}/cookies`, params).json('cookies')); }
export default function () {
  console.log('fresh', sent());
  http.get(`${base}/cookies/set?one=1&two=2`);
  const jar = http.cookieJar();
  const found = jar.cookiesForURL(base);
  console.log('set', sent(), stable(found.one), stable(found.two), Object.keys(found).sort().join());
  jar.set(base, 'three', '3');
  jar.set(`${base}/elsewhere`, 'four', '4', { path: '/elsewhere' });
  console.log('jar', sent());
  console.log('param', http.get(`${base}/headers`, { cookies: { one: 'other', five: '5' } }).json('headers.Cookie').split('; ').sort().join(';'));
  console.log('replace', sent({ cookies: { one: { value: 'replaced', replace: true } } }));
  console.log('own jar', sent({ jar: new http.CookieJar() }));
  jar.delete(base, 'one');
  console.log('deleted', sent());
  jar.clear(base);
  console.log('cleared', sent());
}
