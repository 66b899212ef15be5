import { Counter } from 'k6/metrics';
const c = new Counter('ticks');
export const options = { scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '0s' } }, thresholds: { ticks: ['count>2'] } };
export default function () { setInterval(() => c.add(1), 100); }
