import http from 'k6/http';
export default function () {
  const url = `${__ENV.BASE_URL}/delay/1`;
  const before = Date.now();
  const rs = http.batch([url, url, url, url]);
  const took = Date.now() - before;
  console.log(rs.every((r) => r.status === 200), took >= 1000, took < 3000);
}
