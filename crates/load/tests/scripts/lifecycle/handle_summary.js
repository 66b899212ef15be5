import { check } from 'k6';
import { Counter, Trend, Rate, Gauge } from 'k6/metrics';
const counter = new Counter('my_counter');
const trend = new Trend('my_trend');
const rate = new Rate('my_rate');
const gauge = new Gauge('my_gauge');

export const options = {
  iterations: 4,
  thresholds: { my_counter: ['count==4'], my_trend: ['max<3', 'min>=0'], 'my_trend{kind:even}': ['max<3'] },
};

export default function () {
  counter.add(1);
  trend.add(__ITER, { kind: __ITER % 2 ? 'odd' : 'even' });
  rate.add(__ITER > 0);
  gauge.add(10 - __ITER);
  check(__ITER, { small: (i) => i < 3 });
}

// k6 makes these objects from Go maps, so their members come in any order.
function sorted(value) {
  return JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v));
}

export function handleSummary(data) {
  const shown = {};
  for (const name of ['my_counter', 'my_trend', 'my_rate', 'my_gauge', 'my_trend{kind:even}', 'checks']) {
    const metric = data.metrics[name];
    delete metric.values.rate_per_second;
    if (metric.type === 'counter') delete metric.values.rate;
    shown[name] = metric;
  }
  const group = data.root_group;
  return {
    stdout: sorted(shown) + '\n',
    'folder.txt': Object.keys(data).sort().join(','),
    'group.json': sorted(group),
    'options.json': sorted({ ...data.options, noColor: undefined }),
    'state.txt': Object.keys(data.state).sort().join(',') + ` ${typeof data.state.testRunDurationMs}`,
  };
}
