import http from 'k6/http';
const base = __ENV.BASE_URL;
export const options = {
  iterations: 2,
  thresholds: {
    'http_reqs{name:Item}': ['count==6'], 'http_reqs{my:tag}': ['count==2'], [`http_reqs{url:${base}/get?id=1}`]: ['count==0'], 'http_reqs{number:5}': ['count==2'], 'http_reqs{yes:true}': ['count==2'],
    'http_reqs{method:POST}': ['count==2'], 'http_reqs{expected_response:true}': ['count==10'], 'http_reqs{group:::g}': ['count==2'],
    [`http_reqs{name:${base}/get?id=\${}}`]: ['count==2'],
  },
};
import { group } from 'k6';
export default function () {
  for (let i = 0; i < 3; i++) http.get(`${base}/get?id=${i}`, { tags: { name: 'Item' } });
  http.post(`${base}/post`, null, { tags: { my: 'tag', number: 5, yes: true } });
  group('g', () => http.get(http.url`${base}/get?id=${5}`));
}
