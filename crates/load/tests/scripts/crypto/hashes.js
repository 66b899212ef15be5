import crypto from 'k6/crypto';
const names = ['md4', 'md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha512_224', 'sha512_256', 'ripemd160'];
export default function () {
  for (const name of names) {
    for (const input of ['', 'hello', 'ünï', new Uint8Array([1, 2, 255]).buffer]) console.log(name, crypto[name](input, 'hex'));
    console.log(crypto[name]('x', 'base64'), crypto[name]('x', 'base64url'), crypto[name]('x', 'base64rawurl'), new Uint8Array(crypto[name]('x', 'binary')).length);
    const hasher = crypto.createHash(name);
    hasher.update('hel');
    hasher.update('lo');
    console.log(hasher.digest('hex') === crypto[name]('hello', 'hex'), hasher.digest('hex') === crypto[name]('hello', 'hex'));
    console.log(crypto.hmac(name, 'secret', 'data', 'hex'));
    const mac = crypto.createHMAC(name, 'secret');
    mac.update('data');
    console.log(mac.digest('base64'), crypto.hmac(name, new Uint8Array([1, 2]).buffer, new Uint8Array([3]).buffer, 'hex'));
  }
}
