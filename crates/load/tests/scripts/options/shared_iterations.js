import exec from 'k6/execution';
export const options = { scenarios: { s: { executor: 'shared-iterations', vus: 3, iterations: 10 } } };
export default function () {
  if (exec.scenario.iterationInTest > 9) throw new Error('too many');
}
