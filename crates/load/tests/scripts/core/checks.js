import { check } from 'k6';
export const options = { iterations: 2 };
export default function () {
  console.log(check(1, { yes: (v) => v === 1 }));
  console.log(check(1, { no: (v) => v === 2, 'yes again': true }));
  console.log(check(null, { truthy: () => 'text', zero: () => 0, nan: () => NaN, empty: () => '', object: () => ({}), undef: () => undefined }));
  console.log(check(1, {}), check(1, { constant: 1, 'constant null': null }));
  try { check(1, { thrower: () => { throw new Error('inside a check'); }, after: () => true }); } catch (e) { console.log('caught', e.message); }
}
