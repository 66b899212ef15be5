import { check } from 'k6';
export default function () {
  check(1, { 'with spaces and "quotes"': () => true, 'ünïcode ✓': () => true, '': () => true });
  try { check(1, { 'a::b': () => true }); } catch (e) { console.log(String(e)); }
}
