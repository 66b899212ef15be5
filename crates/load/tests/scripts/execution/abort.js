import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
const c = new Counter('reached');
export const options = { iterations: 10 };
export default function () {
  c.add(1);
  if (__ITER === 2) exec.test.abort('enough');
}
export function teardown() { console.log('teardown runs'); }
export function handleSummary(data) { return { stdout: `aborted after ${data.metrics.reached.values.count}\n` }; }
