import http from 'k6/http';
const base = __ENV.BASE_URL;
const host = base.replace('http://', '');
export default function () {
  const odd = http.get(`http://us%20er:p%40s%3As@${host}/headers`);
  console.log(odd.status, odd.json('headers.Authorization'), odd.url, odd.request.url, 'Authorization' in odd.request.headers);
  console.log(http.get(`http://u:p@${host}/basic-auth/u/p`, { auth: 'basic' }).status, http.get(`http://u:wrong@${host}/basic-auth/u/p`).status, http.get(`${base}/basic-auth/u/p`).status);
}
