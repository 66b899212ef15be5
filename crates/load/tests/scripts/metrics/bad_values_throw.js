import { Counter } from 'k6/metrics';
const c = new Counter('a_counter');
export default function () {
  c.add('abc');
  console.log('never');
}
