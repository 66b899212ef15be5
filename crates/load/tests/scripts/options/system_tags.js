import http from 'k6/http';
export const options = {
  iterations: 2,
  systemTags: ['status', 'method'],
  thresholds: { 'http_reqs{status:200}': ['count==2'], 'http_reqs{method:GET}': ['count==2'], 'http_reqs{proto:HTTP/1.1}': ['count==0'], 'http_reqs{scenario:default}': ['count==0'] },
};
export default function () { http.get(`${__ENV.BASE_URL}/get`); }
