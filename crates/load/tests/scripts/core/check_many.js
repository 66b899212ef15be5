import { check, group } from 'k6';
const checks = {};
for (let i = 0; i < 500; i++) checks[`check ${i} ünïcode ✓ 日本`] = (value) => value > i;
export const options = { iterations: 10 };
export default function () { group('äöü 🦀', () => check(250, checks)); }
