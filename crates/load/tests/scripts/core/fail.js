import { check, fail } from 'k6';
export const options = { iterations: 2 };
export default function () {
  if (!check(5, { 'is six': (v) => v === 6 })) {
    console.log('about to fail');
    fail('given up');
  }
  console.log('never');
}
