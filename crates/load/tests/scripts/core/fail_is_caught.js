import { fail } from 'k6';
export default function () {
  try { fail('reason'); } catch (e) { console.log(String(e), typeof e, e.message); }
  try { fail(); } catch (e) { console.log(String(e)); }
  try { fail({ a: 1 }); } catch (e) { console.log(String(e)); }
}
