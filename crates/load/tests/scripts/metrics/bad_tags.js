import { Counter } from 'k6/metrics';
import { attempt } from '../support.js';
const c = new Counter('a_counter');
export default function () {
  for (const tags of [null, undefined, 'text', 5, [], { a: null }, { a: undefined }, { a: {} }, { a: [] }, { a: 5 }, { a: true }, { a: '' }]) console.log(JSON.stringify(tags), attempt(() => c.add(1, tags)));
}
