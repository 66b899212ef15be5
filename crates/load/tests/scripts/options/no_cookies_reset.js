import http from 'k6/http';
export const options = { iterations: 2, noCookiesReset: true };
export default function () {
  console.log(http.get(`${__ENV.BASE_URL}/cookies`).body.replace(/\s/g, ''));
  http.get(`${__ENV.BASE_URL}/cookies/set?a=1`);
}
