import { fail } from 'k6';
fail('not today');
export default function () {}
