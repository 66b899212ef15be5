import { Trend } from 'k6/metrics';
const t = new Trend('tt');
export const options = { iterations: 101, summaryTrendStats: ['min', 'max', 'count', 'p(10)', 'p(50)', 'p(99.9)', 'med', 'avg'] };
export default function () { t.add(__ITER); }
