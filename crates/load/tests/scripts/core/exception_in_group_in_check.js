import { check, group } from 'k6';
export const options = { iterations: 2 };
export default function () {
  check(1, {
    outer: () => {
      group('inner', () => {
        check(2, { deep: () => { throw new Error('deep inside'); } });
      });
      return true;
    },
  });
}
