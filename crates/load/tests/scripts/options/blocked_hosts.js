import http from 'k6/http';
export const options = { iterations: 1, blockHostnames: ['*.blocked.test', 'bad.test'], blacklistIPs: ['10.0.0.0/8'] };
export default function () {
  for (const url of ['http://a.blocked.test/', 'http://bad.test/', 'http://10.1.2.3/']) {
    const r = http.get(url);
    console.log(r.status, r.error_code, r.error);
  }
}
