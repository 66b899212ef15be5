import encoding, { b64encode, b64decode } from 'k6/encoding';
import { attempt } from '../support.js';
export default function () {
  for (const text of ['', 'a', 'hello world', '??>>~~', 'ünï ✓']) {
    for (const variant of [undefined, 'std', 'rawstd', 'url', 'rawurl', 'other']) {
      const e = attempt(() => b64encode(text, variant));
      console.log(text, variant, e, attempt(() => b64decode(e, variant, 's')));
    }
  }
  console.log(b64encode(new Uint8Array([0, 255, 254]).buffer), attempt(() => b64encode(new Uint8Array([0, 255, 254]))));
  const decoded = b64decode('AP/+');
  console.log(decoded instanceof ArrayBuffer, new Uint8Array(decoded).join(), attempt(() => b64decode('AP/+', 'std', 'b') instanceof ArrayBuffer));
  for (const bad of ['*', 'YQ', 'YQ=', 'YQ==YQ==', ' YQ==', 'YQ==\n']) console.log(JSON.stringify(bad), attempt(() => b64decode(bad, 'std', 's')));
  for (const odd of [null, undefined, 5, {}, [1], true]) console.log(String(odd), attempt(() => b64encode(odd)));
  console.log(attempt(() => encoding.b64encode()), attempt(() => encoding.b64decode()));
}
