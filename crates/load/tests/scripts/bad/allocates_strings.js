export default function () { const kept = []; for (let i = 0; ; i++) kept.push('abc'.repeat(1000) + i); }
