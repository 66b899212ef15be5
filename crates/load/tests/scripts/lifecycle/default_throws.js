import { Counter } from 'k6/metrics';
const reached = new Counter('reached');
export const options = { iterations: 3 };

function deep() {
  throw new Error('boom');
}

export default function () {
  reached.add(1);
  deep();
  reached.add(100);
}
