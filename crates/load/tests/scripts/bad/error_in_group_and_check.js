import { group, check } from 'k6';
export default function () {
  group('g', () => {
    check(1, { c: () => { throw new Error('deep'); } });
  });
}
