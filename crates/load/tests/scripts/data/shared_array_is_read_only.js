import { SharedArray } from 'k6/data';
import { attempt } from '../support.js';
const list = new SharedArray('list', () => [{ a: 1, deep: { b: [1] } }, 'text', 5, null]);
export default function () {
  console.log(attempt(() => { list[0] = 1; return 'assigned'; }));
  console.log(attempt(() => { list[9] = 1; return 'assigned'; }));
  console.log(attempt(() => { list.push(1); return 'pushed'; }));
  console.log(attempt(() => { list.length = 0; return 'cut'; }));
  console.log(attempt(() => { delete list[0]; return 'deleted'; }));
  console.log(attempt(() => { list[0].a = 2; return 'changed'; }), list[0].a);
  console.log(attempt(() => { list[0].deep.b.push(2); return 'changed'; }), list[0].deep.b.length);
  console.log(Object.isFrozen(list[0]), Object.isFrozen(list[0].deep.b), list[1], list[2], list[3], list[-1], list['1'], list['01'], list[1.5]);
}
