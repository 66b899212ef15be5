import { check, fail, group } from 'k6';
export default function () {
  try { group('a', () => { fail('no'); }); } catch (e) { console.log(e.message); }
  check(1, { after: true });
  group('b', () => check(1, { 'in b': true }));
}
