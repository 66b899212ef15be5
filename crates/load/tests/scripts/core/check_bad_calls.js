import { check } from 'k6';
export default function () {
  for (const args of [[], [1], [1, null], [1, undefined], [1, 5], [1, 'text'], [1, [() => true]]]) {
    try { console.log(JSON.stringify(args), check(...args)); } catch (e) { console.log(JSON.stringify(args), 'threw', String(e)); }
  }
}
