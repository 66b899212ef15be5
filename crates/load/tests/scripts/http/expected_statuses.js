import http from 'k6/http';
const base = __ENV.BASE_URL;
export const options = { iterations: 1, thresholds: { http_req_failed: ['rate<0.3'], 'http_reqs{expected_response:true}': ['count==5'] } };
export default function () {
  http.get(`${base}/status/404`, { responseCallback: http.expectedStatuses(404) });
  http.get(`${base}/status/503`, { responseCallback: http.expectedStatuses({ min: 500, max: 599 }) });
  http.get(`${base}/status/200`, { responseCallback: http.expectedStatuses(404) });
  http.setResponseCallback(http.expectedStatuses(200, 418, { min: 300, max: 399 }));
  http.get(`${base}/status/418`);
  http.get(`${base}/status/200`);
  http.get(`${base}/status/404`);
  http.get(`${base}/redirect/1`, { redirects: 0 });
  http.setResponseCallback(null);
  http.get(`${base}/status/404`, { responseCallback: null });
  for (const args of [[], ['200'], [{ min: 1 }], [{ max: 5 }], [null], [200.5], [{ min: 300, max: 200 }]]) {
    try { console.log(JSON.stringify(args), JSON.stringify(http.expectedStatuses(...args))); } catch (e) { console.log(JSON.stringify(args), 'threw', String(e)); }
  }
}
