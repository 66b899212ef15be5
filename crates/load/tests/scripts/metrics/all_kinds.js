import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const counter = new Counter('a_counter');
const gauge = new Gauge('a_gauge');
const rate = new Rate('a_rate');
const trend = new Trend('a_trend');
const timed = new Trend('a_timed_trend', true);
export const options = { vus: 1, iterations: 5, thresholds: { 'a_counter{part:one}': [], 'a_trend{part:one,odd:yes}': ['max==3'] } };
export default function () {
  counter.add(1); counter.add(0.5, { part: 'one' });
  gauge.add(__ITER * 2);
  rate.add(__ITER % 2); rate.add(true); rate.add(0);
  trend.add(__ITER, { part: 'one', odd: __ITER % 2 ? 'yes' : 'no' }); trend.add(-3.25);
  timed.add(1500);
  if (__ITER === 0) console.log(counter.name, gauge.name, rate.name, trend.name, Object.keys(counter).join(), typeof counter.add(0));
}
