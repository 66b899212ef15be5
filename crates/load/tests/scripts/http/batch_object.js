import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const rs = http.batch({
    front: `${base}/get?page=front`,
    'the about page': ['GET', `${base}/get?page=about`],
    posted: { method: 'POST', url: `${base}/post`, body: 'text' },
  });
  console.log(Object.keys(rs).sort().join('|'), rs.front.json('args.page'), rs['the about page'].json('args.page'), rs.posted.json('data'));
}
