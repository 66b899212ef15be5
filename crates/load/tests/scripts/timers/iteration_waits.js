import { Counter } from 'k6/metrics';
const c = new Counter('timer_ran');
export const options = { iterations: 3, thresholds: { iteration_duration: ['min>=50'] } };
export default function () { setTimeout(() => c.add(1), 50); }
