import { Counter, Trend, Rate, Gauge } from 'k6/metrics';
new Counter('cc'); new Trend('tt'); new Rate('rr'); new Gauge('gg');
export const options = { thresholds: { cc: ['count>5'], tt: ['max<1', 'avg>5'], rr: ['rate>0.9'], gg: ['value>3'], http_req_duration: ['p(95)<1'] } };
export default function () {}
