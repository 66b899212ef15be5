import { SharedArray } from 'k6/data';
import { attempt } from '../support.js';
const seen = [
  attempt(() => new SharedArray('object', () => ({ a: 1 }))), attempt(() => new SharedArray('text', () => 'abc')), attempt(() => new SharedArray('undefined', () => {})),
  attempt(() => new SharedArray('', () => [])), attempt(() => new SharedArray('no function')), attempt(() => new SharedArray('not function', 5)), attempt(() => new SharedArray()),
  attempt(() => new SharedArray('throws', () => { throw new Error('inside'); })), attempt(() => new SharedArray('async', async () => [])),
  attempt(() => new SharedArray('empty', () => []).length), attempt(() => new SharedArray('holes', () => [undefined, () => 1, NaN, new Date(0)]).length),
  attempt(() => new SharedArray('again', () => [1]).length), attempt(() => new SharedArray('again', () => [1, 2, 3]).length), attempt(() => SharedArray('call', () => [1]).length),
];
export default function () {
  for (const s of seen) console.log(String(s).replace(/, hint.*/, ''));
}
