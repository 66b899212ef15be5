import http from 'k6/http';
export const options = { iterations: 1, insecureSkipTLSVerify: true, tlsVersion: 'tls1.2' };
export default function () { console.log(http.get(`${__ENV.SECURE_URL}/get`).tls_version); }
