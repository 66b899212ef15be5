export default function () { const kept = []; for (;;) kept.push(new Uint8Array(1e6)); }
