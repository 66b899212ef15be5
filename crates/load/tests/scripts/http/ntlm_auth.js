import http from 'k6/http';
const host = __ENV.BASE_URL.replace('http://', '');
export default function () {
  console.log(http.get(`http://u:p@${host}/get`, { auth: 'ntlm' }).status);
}
