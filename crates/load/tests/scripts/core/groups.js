import { check, group, fail } from 'k6';
export const options = { iterations: 2 };
export default function () {
  const value = group('outer', () => {
    check(1, { a: () => true });
    return group('inner', () => { check(1, { b: () => false }); return 'from inner'; });
  });
  console.log(value);
  group('empty', () => {});
  group('outer', () => check(1, { a: () => true, c: () => true }));
  try { group('throws', () => { throw new Error('x'); }); } catch (e) { console.log('caught', e.message); }
  check(1, { 'outside again': () => true });
}
