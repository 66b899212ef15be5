import exec from 'k6/execution';
import { stable, attempt } from '../support.js';
export const options = { scenarios: { s: { executor: 'shared-iterations', vus: 1, iterations: 1, maxDuration: '90s' } }, thresholds: { iterations: ['count==1'] }, tags: { a: 'b' }, setupTimeout: '7s' };
export default function () {
  const o = exec.test.options;
  console.log(stable(o.scenarios), stable(o.thresholds), stable(o.tags), JSON.stringify(o.setupTimeout), o.vus, Object.isFrozen(o));
  console.log(JSON.stringify(Object.keys(o).sort()));
  console.log(attempt(() => { o.tags = 5; return 'set'; }));
  console.log(stable(exec.test.options.tags));
}
