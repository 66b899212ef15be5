import http from 'k6/http';
export default function () {
  for (const path of ['/get?a=x y', '/get?a=ü', '/get?x={"a":1}']) console.log(http.get(`${__ENV.BASE_URL}${path}`).status);
}
