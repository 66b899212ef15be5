import http from 'k6/http';
export default function () {
  console.log(http.get(`${__ENV.BASE_URL}/html`).html('h1').text());
}
