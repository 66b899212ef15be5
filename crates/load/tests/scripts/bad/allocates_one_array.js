export default function () { const kept = []; for (;;) kept.push(1); }
