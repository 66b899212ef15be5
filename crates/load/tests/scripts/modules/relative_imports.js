import { double, name as twice } from './lib/double.js';
import triple, * as all from './lib/triple.js';
import './lib/effect.js';
import { again } from './lib/../lib/double.js';
export { teardown } from './lib/stages.js';
export default function () {
  console.log(double(2), twice, triple(2), Object.keys(all).sort().join());
  console.log(globalThis.effects, again());
}
