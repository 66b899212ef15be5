import exec from 'k6/execution';
import { attempt } from '../support.js';
const seen = [attempt(() => exec.scenario.name), attempt(() => exec.instance.vusActive), attempt(() => exec.vu.idInTest), attempt(() => exec.vu.iterationInScenario), attempt(() => exec.test.options), attempt(() => exec.vu.tags.a)];
export function setup() {
  console.log(attempt(() => exec.scenario.name), attempt(() => exec.instance.vusActive), attempt(() => exec.vu.iterationInInstance), attempt(() => typeof exec.test.options));
}
export default function () { seen.forEach((s) => console.log(String(s))); }
