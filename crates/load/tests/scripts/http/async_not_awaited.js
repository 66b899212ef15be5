import http from 'k6/http';
export default function () {
  http.asyncRequest('GET', `${__ENV.BASE_URL}/get`).then((r) => console.log('then', r.status));
  console.log('default is over');
}
