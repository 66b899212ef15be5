import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  for (const path of ['/get?a=1&a=2&b=', '/get?a=%20', '/get#fragment', '/anything/pä th', '/anything/a%2Fb', '/anything/../get']) {
    const r = http.get(base + path);
    console.log(path, r.status, r.url, r.status === 200 ? r.body.length > 0 : '');
  }
}
