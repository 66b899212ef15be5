import exec from 'k6/execution';
export const options = { scenarios: { mine: { executor: 'per-vu-iterations', vus: 1, iterations: 2, tags: { a: 'b' } } } };
const inInit = [exec.vu.idInInstance, exec.vu.idInTest];
export default function () {
  const { scenario, instance, vu } = exec;
  console.log(JSON.stringify(Object.keys(exec).sort()), Object.keys(scenario).sort().join(), Object.keys(instance).sort().join(), Object.keys(vu).sort().join(), Object.keys(exec.test).sort().join());
  console.log(scenario.name, scenario.executor, scenario.iterationInInstance, scenario.iterationInTest, scenario.progress >= 0 && scenario.progress <= 1, Date.now() - scenario.startTime < 10000);
  console.log(instance.iterationsInterrupted, instance.iterationsCompleted, instance.vusActive, instance.vusInitialized, instance.currentTestRunDuration >= 0);
  console.log(vu.idInInstance, vu.idInTest, vu.iterationInInstance, vu.iterationInScenario, inInit.join());
  console.log(JSON.stringify(vu.tags), JSON.stringify(Object.keys(vu.metrics)), JSON.stringify(vu.metrics.tags));
}
export function teardown() { console.log(exec.instance.iterationsCompleted, exec.vu.idInTest); }
