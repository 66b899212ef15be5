export function setup() { const kept = []; for (;;) kept.push({ a: 1 }); }
export default function () { console.log('never'); }
