import http from 'k6/http';
export const options = { iterations: 1, maxRedirects: 2 };
export default function () {
  const ok = http.get(`${__ENV.BASE_URL}/redirect/2`);
  const cut = http.get(`${__ENV.BASE_URL}/redirect/3`);
  console.log(ok.status, ok.url, cut.status, cut.url, cut.error);
}
