import http from 'k6/http';
const base = __ENV.BASE_URL;
export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } } };
export default function () {
  const before = JSON.stringify(http.get(`${base}/cookies`).json('cookies'));
  http.get(`${base}/cookies/set?vu=${__VU}`);
  console.log(before, http.get(`${base}/cookies`).json('cookies.vu') === String(__VU));
}
