import { group } from 'k6';
export default function () {
  for (const args of [['a::b', () => 1], ['', () => 'empty name'], ['no function'], ['null', null], [5, () => 'number as name'], ['async', async () => 1]]) {
    try { console.log(String(args[0]), group(...args)); } catch (e) { console.log(String(args[0]), 'threw', String(e)); }
  }
}
