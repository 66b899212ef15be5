import http from 'k6/http';
export const options = { vus: 3, duration: '1s', rps: 4 };
export default function () { http.get(`${__ENV.BASE_URL}/get`); }
