import { stable } from '../support.js';

// The order of init, setup, default and teardown, and where each of them runs.
console.log(`init VU ${__VU}`);

export const options = { vus: 2, iterations: 4 };

export function setup() {
  console.log(`setup VU ${__VU} ITER ${typeof __ITER}`);
  return { started: true, list: [1, 2, { three: 3 }] };
}

export default function (data) {
  if (!data.started || data.list[2].three !== 3) throw new Error('wrong data');
  console.log('default');
}

export function teardown(data) {
  console.log(`teardown VU ${__VU} ${stable(data)}`);
}
