import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const text = http.get(`${base}/bytes/8`);
  const binary = http.get(`${base}/bytes/8`, { responseType: 'binary' });
  const none = http.get(`${base}/bytes/8`, { responseType: 'none' });
  console.log(typeof text.body, text.body.length, binary.body instanceof ArrayBuffer, new Uint8Array(binary.body).join(), none.body);
  console.log(JSON.stringify(http.get(`${base}/get`, { responseType: 'text' }).json('args')));
  console.log(JSON.stringify(http.get(`${base}/json`, { responseType: 'binary' }).json('slideshow.author')));
  console.log(JSON.stringify(http.get(`${base}/status/204`).body), JSON.stringify(http.get(`${base}/status/200`).body));
}
