import { Counter } from 'k6/metrics';
const c = new Counter('reached');
export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 3, iterations: 3 } } };
export default function () { c.add(1); throw new Error('each time'); }
