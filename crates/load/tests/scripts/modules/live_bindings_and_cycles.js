import { a, count, increment } from './lib/cycle_a.js';
export default function () {
  console.log(a(), count);
  increment();
  console.log(count);
}
