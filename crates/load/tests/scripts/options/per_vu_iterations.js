import { Counter } from 'k6/metrics';
const users = new Counter('users');
export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 3, iterations: 4 } } };
export default function () { if (__ITER === 0) users.add(1); }
