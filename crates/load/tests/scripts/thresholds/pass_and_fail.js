import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const c = new Counter('cc');
const g = new Gauge('gg');
const r = new Rate('rr');
const t = new Trend('tt');
export const options = {
  iterations: 10,
  thresholds: {
    cc: ['count>=10', 'count<10', 'rate>0'],
    gg: ['value==9', 'value!=9'],
    rr: ['rate>0.85', 'rate > 0.95', 'rate===0.9', 'rate==0.9'],
    tt: ['avg<5', 'avg<4', 'min<=0', 'max>=9', 'med<5', 'p(90)<8.2', 'p(90)<8', 'p(99.9) <= 9', 'p(0)==0'],
    iterations: ['count==10'],
  },
};
export default function () { c.add(1); g.add(__ITER); r.add(__ITER !== 3); t.add(__ITER); }
