import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const params = { headers: { Authorization: 'Bearer secret', 'X-Own': '1' } };
  const same = http.get(`${base}/redirect-to?url=/headers`, params).json('headers');
  const other = http.get(`${base}/redirect-to?url=${encodeURIComponent(base.replace('127.0.0.1', 'localhost') + '/headers')}`, params).json('headers');
  console.log(same.Authorization, same['X-Own'], other.Authorization, other['X-Own'], 'Referer' in same, 'Referer' in other);
}
