import { group } from 'k6';
group('g', () => 1);
export default function () {}
