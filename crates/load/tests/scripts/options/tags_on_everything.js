import http from 'k6/http';
import { Counter } from 'k6/metrics';
const mine = new Counter('mine');
export const options = {
  iterations: 2,
  tags: { team: 'a' },
  thresholds: { 'http_reqs{team:a}': ['count==2'], 'mine{team:a}': ['count==2'], 'mine{team:b}': ['count==2'] },
};
export default function () {
  http.get(`${__ENV.BASE_URL}/get`);
  mine.add(1);
  mine.add(1, { team: 'b' });
}
