export const name = 'double';
export function double(x) { return 2 * x; }
let called = 0;
export function again() { called += 1; return called; }
