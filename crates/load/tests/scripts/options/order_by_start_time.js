import { sleep } from 'k6';
export const options = {
  scenarios: {
    second: { executor: 'shared-iterations', iterations: 1, exec: 'b', startTime: '400ms' },
    first: { executor: 'shared-iterations', iterations: 1, exec: 'a' },
  },
};
export function a() { console.log('a'); sleep(0.1); }
export function b() { console.log('b'); }
