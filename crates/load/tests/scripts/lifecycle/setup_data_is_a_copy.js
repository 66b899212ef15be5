import { stable } from '../support.js';
import { check } from 'k6';

export const options = { scenarios: { a: { executor: 'per-vu-iterations', vus: 1, iterations: 3 } } };

export function setup() {
  return { n: 0, when: new Date(0), nothing: undefined, nested: { list: [1] } };
}

export default function (data) {
  data.n += 1;
  console.log(__ITER, data.n, stable(data.nested), data.nothing, data.when.slice(0, 19));
  check(data, { 'n grows in this user only': (d) => d.n === __ITER + 1 });
}

export function teardown(data) {
  console.log('teardown', data.n, stable(data.nested));
}
