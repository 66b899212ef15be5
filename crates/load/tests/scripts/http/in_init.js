import http from 'k6/http';
http.get(`${__ENV.BASE_URL}/get`);
export default function () {}
