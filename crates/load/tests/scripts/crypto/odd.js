import crypto from 'k6/crypto';
import { attempt } from '../support.js';
export default function () {
  console.log(attempt(() => crypto.sha256('x', 'unknown')), attempt(() => crypto.sha256('x')), attempt(() => crypto.sha256()));
  for (const odd of [null, undefined, 5, {}, [1, 2], true, new Uint8Array([1, 2])]) console.log(String(odd), attempt(() => crypto.md5(odd, 'hex')));
  console.log(attempt(() => crypto.hmac('crc32', 'k', 'd', 'hex')), attempt(() => crypto.createHMAC('none', 'k')));
  const bytes = crypto.randomBytes(16);
  console.log(bytes instanceof ArrayBuffer, bytes.byteLength, attempt(() => crypto.randomBytes(0)), attempt(() => crypto.randomBytes(-1)), attempt(() => crypto.randomBytes('a')));
  console.log(crypto.hexEncode('hi'), attempt(() => crypto.hexEncode(new Uint8Array([0, 16, 255]).buffer)), attempt(() => crypto.hexEncode(5)));
  const h = crypto.createHash('sha1');
  h.update(new Uint8Array([104, 105]).buffer);
  console.log(h.digest('hex') === crypto.sha1('hi', 'hex'), attempt(() => h.digest('bad')), attempt(() => h.update(5)));
}
