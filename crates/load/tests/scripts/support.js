// Objects that k6 makes from Go maps have their members in any order: this writes them sorted.
export function stable(value) {
  return JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v));
}
// What a function returns, or what it throws.
export function attempt(f) {
  try { return f(); } catch (e) { return `threw ${e}`; }
}
