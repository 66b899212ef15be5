import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
const ran = new Counter('ran');
export const options = {
  scenarios: {
    readers: { executor: 'per-vu-iterations', vus: 2, iterations: 2, exec: 'read', env: { WHAT: 'books' }, tags: { kind: 'r' } },
    writers: { executor: 'shared-iterations', vus: 1, iterations: 3, exec: 'write', startTime: '300ms', tags: { kind: 'w' } },
    rest: { executor: 'shared-iterations', vus: 1, iterations: 1 },
  },
  thresholds: { 'ran{kind:r}': ['count==4'], 'ran{kind:w}': ['count==3'], 'ran{scenario:rest}': ['count==1'], 'iterations{scenario:writers}': ['count==3'] },
};
export function read() { ran.add(1); console.log('read', __ENV.WHAT, exec.scenario.name); }
export function write() { ran.add(1); console.log('write', __ENV.WHAT, exec.scenario.name, exec.scenario.executor); }
export default function () { ran.add(1); console.log('default', exec.scenario.name); }
