import exec from 'k6/execution';
import { attempt } from '../support.js';
export default function () {
  exec.vu.metrics.metadata.trace = 'abc';
  console.log(exec.vu.metrics.metadata.trace, attempt(() => { exec.vu.metrics.metadata.bad = {}; return 'set'; }));
}
