import crypto from 'k6/crypto';
import encoding from 'k6/encoding';
function sign(data, secret) {
  return crypto.createHMAC('sha256', secret);
}
export default function () {
  const header = encoding.b64encode(JSON.stringify({ typ: 'JWT', alg: 'HS256' }), 'rawurl');
  const payload = encoding.b64encode(JSON.stringify({ sub: 'a' }), 'rawurl');
  const hasher = sign('', 'shared secret');
  hasher.update(`${header}.${payload}`);
  const signature = hasher.digest('base64').replace(/\//g, '_').replace(/\+/g, '-').replace(/=/g, '');
  console.log([header, payload, signature].join('.'));
  console.log(signature === crypto.hmac('sha256', 'shared secret', `${header}.${payload}`, 'base64rawurl'));
}
