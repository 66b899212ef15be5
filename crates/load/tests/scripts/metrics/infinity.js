import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const metrics = [new Counter('a_counter'), new Gauge('a_gauge'), new Rate('a_rate'), new Trend('a_trend')];
export default function () { console.log(metrics.map((m) => m.add(Infinity)).join()); metrics[3].add(1); }
