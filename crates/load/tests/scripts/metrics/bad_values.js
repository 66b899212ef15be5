import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
import { attempt } from '../support.js';
const metrics = { counter: new Counter('a_counter'), gauge: new Gauge('a_gauge'), rate: new Rate('a_rate'), trend: new Trend('a_trend') };
export default function () {
  for (const [kind, metric] of Object.entries(metrics)) {
    for (const value of [NaN, 'abc', '5', '', null, undefined, {}, [], [7], true, false, -1, new Date(5), 1n]) {
      console.log(kind, typeof value, value instanceof Date ? 'a date' : String(value), attempt(() => metric.add(value)));
    }
    console.log(kind, 'no value', attempt(() => metric.add()));
  }
}
