import http from 'k6/http';
export const options = { iterations: 1, batchPerHost: 1, batch: 10 };
export default function () {
  const url = `${__ENV.BASE_URL}/delay/0.4`;
  const before = Date.now();
  http.batch([url, url, url]);
  console.log(Date.now() - before >= 1200);
}
