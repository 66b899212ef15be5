export default function () {
  const bad = { get a() { throw new Error('getter'); } };
  try { console.log(bad); } catch (e) { console.log('threw', String(e)); }
  const bad2 = { toJSON() { throw new Error('json'); } };
  try { console.log(bad2); } catch (e) { console.log('threw', String(e)); }
}
