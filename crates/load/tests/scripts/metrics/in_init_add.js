import { Counter } from 'k6/metrics';
const c = new Counter('early');
c.add(1);
export default function () {}
