import { sleep } from 'k6';
export default function () {
  for (const t of [NaN, 'abc', undefined, null, {}, -Infinity]) {
    const before = Date.now();
    try { const r = sleep(t); console.log(String(t), r, Date.now() - before > 50 ? 'slept' : 'did not sleep'); } catch (e) { console.log(String(t), String(e)); }
  }
}
