import http from 'k6/http';
export default function () {
  http.post(`${__ENV.BASE_URL}/html`).json();
}
