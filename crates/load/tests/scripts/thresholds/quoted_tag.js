import { Counter } from 'k6/metrics';
const cc = new Counter('cc');
export const options = { thresholds: { 'cc{a:"b"}': ['count==1'], "cc{ x : 'y z' }": ['count==1'] } };
export default function () { cc.add(1, { a: 'b' }); cc.add(1, { x: 'y z' }); }
