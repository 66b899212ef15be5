import http from 'k6/http';
import { check } from 'k6';
const base = __ENV.BASE_URL;
export default function () {
  const rs = http.batch([
    `${base}/get?n=0`,
    ['GET', `${base}/get?n=1`],
    ['POST', `${base}/post`, { n: 2 }, { tags: { x: 'y' } }],
    { method: 'PUT', url: `${base}/put`, body: 'n3', params: { headers: { 'X-N': '3' } } },
    { url: `${base}/status/404` },
    http.url`${base}/get?n=${5}`,
  ]);
  console.log(Array.isArray(rs), rs.length, rs.map((r) => r.status).join());
  console.log(rs[0].json('args.n'), rs[1].json('args.n'), rs[2].json('form.n'), rs[3].json('data'), rs[3].json('headers.X-N'), rs[5].json('args.n'));
  check(rs, { 'five of six': (all) => all.filter((r) => r.status === 200).length === 5 });
}
