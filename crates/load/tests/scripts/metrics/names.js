import { Counter } from 'k6/metrics';
import { attempt } from '../support.js';
const names = ['ok_name', 'x', '_under', 'has space', 'dash-ed', '9digit', 'ünicode', '', 'a'.repeat(128), 'a'.repeat(129), 'a'.repeat(130), 'dot.ted', 5, null, undefined];
const seen = names.map((n) => attempt(() => typeof new Counter(n)));
const none = attempt(() => new Counter());
const called = attempt(() => Counter('called'));
export default function () {
  names.forEach((n, i) => console.log(String(n).length, String(n).slice(0, 12), seen[i]));
  console.log(none);
  console.log(called);
}
