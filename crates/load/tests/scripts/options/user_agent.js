import http from 'k6/http';
export const options = { iterations: 1, userAgent: 'mine/1.0' };
export default function () {
  console.log(http.get(`${__ENV.BASE_URL}/user-agent`).json('user-agent'));
  console.log(http.get(`${__ENV.BASE_URL}/user-agent`, { headers: { 'User-Agent': 'other' } }).json('user-agent'));
}
