import http from 'k6/http';
const base = __ENV.BASE_URL;
export default function () {
  const r = http.get(`${base}/cookies/set?one=1`, { redirects: 0 });
  const { name, value, path, http_only, secure, max_age, domain } = r.cookies.one[0];
  console.log(name, value, path, http_only, secure, max_age, JSON.stringify(domain), r.cookies.one.length, Object.keys(r.cookies.one[0]).sort().join());
  const followed = http.get(`${base}/cookies`);
  console.log(JSON.stringify(followed.cookies), JSON.stringify(followed.request.cookies), followed.json('cookies.one'));
  const deleted = http.get(`${base}/cookies/delete?one`, { redirects: 0 });
  console.log(deleted.cookies.one[0].max_age);
}
