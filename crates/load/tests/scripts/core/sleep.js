import { sleep } from 'k6';
export default function () {
  for (const t of [0.1, '0.1', 0, -1, true]) {
    const before = Date.now();
    try { sleep(t); const took = Date.now() - before; console.log(t, took >= 90 ? 'slept' : 'did not sleep'); } catch (e) { console.log(t, String(e)); }
  }
}
