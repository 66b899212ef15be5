import { check } from 'k6';
check(1, { ok: () => true });
export default function () {}
