import { Counter, Rate, Trend } from 'k6/metrics';
import { attempt } from '../support.js';
const a = new Counter('twice');
const b = new Counter('twice');
const other = attempt(() => new Rate('twice'));
const builtin = attempt(() => new Counter('http_reqs'));
const builtinOther = attempt(() => new Trend('http_reqs'));
const time = [new Trend('trend_twice'), attempt(() => new Trend('trend_twice', true))];
export default function () {
  a.add(1); b.add(2);
  if (typeof builtin === 'object') builtin.add(5);
  console.log(other, typeof builtin, builtinOther, String(time[1]));
}
