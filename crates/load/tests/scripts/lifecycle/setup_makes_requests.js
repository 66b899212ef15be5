import http from 'k6/http';
import { check, group } from 'k6';

const base = __ENV.BASE_URL;

export function setup() {
  const response = http.post(`${base}/post`, { user: 'a' });
  check(response, { 'setup posted': (r) => r.status === 200 });
  return response.json().form;
}
export default function (form) {
  group('reading', () => {
    check(http.get(`${base}/get?user=${form.user}`), { 'has user': (r) => r.json('args.user') === 'a' });
  });
}
export function teardown(form) {
  check(http.del(`${base}/delete`, JSON.stringify(form)), { 'teardown deleted': (r) => r.status === 200 });
}
