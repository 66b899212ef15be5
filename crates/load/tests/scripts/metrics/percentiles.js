import { Trend } from 'k6/metrics';
const uniform = new Trend('uniform');
const skewed = new Trend('skewed');
const small = new Trend('small_values');
const negative = new Trend('negative_values');
export const options = { iterations: 200, summaryTrendStats: ['count', 'min', 'p(1)', 'p(25)', 'med', 'p(75)', 'p(90)', 'p(99)', 'p(99.9)', 'max', 'avg'] };
export default function () {
  uniform.add(__ITER * 10);
  skewed.add(Math.pow(1.07, __ITER));
  small.add(__ITER / 1e5);
  negative.add(__ITER - 100);
}
