import http from 'k6/http';
export const options = { iterations: 1, insecureSkipTLSVerify: true, tlsVersion: { min: http.TLS_1_0, max: http.TLS_1_2 } };
export default function () { console.log(http.get(`${__ENV.SECURE_URL}/get`).tls_version); }
