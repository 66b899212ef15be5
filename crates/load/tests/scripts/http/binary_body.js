import http from 'k6/http';
export default function () {
  const r = http.post(`${__ENV.BASE_URL}/post`, new Uint8Array([0, 255, 128, 10]).buffer);
  console.log(r.json('data'), r.json('headers.Content-Length'));
}
