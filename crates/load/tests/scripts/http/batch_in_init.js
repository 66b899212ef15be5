import http from 'k6/http';
http.batch([`${__ENV.BASE_URL}/get`]);
export default function () {}
