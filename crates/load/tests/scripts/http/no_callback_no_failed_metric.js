import http from 'k6/http';
export default function () {
  http.setResponseCallback(null);
  http.get(`${__ENV.BASE_URL}/status/500`);
}
