import http from 'k6/http';
const base = __ENV.BASE_URL;
export const options = {
  thresholds: {
    [`http_reqs{name:${base}}`]: ['count==1'],
    [`http_reqs{name:${base}/}`]: ['count==1'],
    [`http_reqs{url:${base}/get?a=b#part}`]: ['count==1'],
    [`http_reqs{name:${base.replace('//', '//****:****@')}/get}`]: ['count==1'],
  },
};
export default function () {
  for (const url of [base, `${base}/`, `${base}/get?a=b#part`, `${base.replace('//', '//u:p@')}/get`, `${base}/anything/a b`]) {
    const r = http.get(url);
    console.log(r.status, r.url, r.request.url);
  }
}
