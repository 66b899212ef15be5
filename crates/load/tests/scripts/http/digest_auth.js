import http from 'k6/http';
const host = __ENV.BASE_URL.replace('http://', '');
export const options = { iterations: 1, thresholds: { 'http_reqs{status:401}': ['count>=1'] } };
export default function () {
  const ok = http.get(`http://u:p@${host}/digest-auth/auth/u/p`, { auth: 'digest' });
  console.log(ok.status, ok.json('authenticated'));
  const wrong = http.get(`http://u:no@${host}/digest-auth/auth/u/p`, { auth: 'digest' });
  console.log(wrong.status);
}
