export function teardown() { const kept = []; for (;;) kept.push(`${kept.length}`); }
export default function () { console.log('ran'); }
