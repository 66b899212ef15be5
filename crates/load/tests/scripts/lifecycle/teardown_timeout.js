import { sleep } from 'k6';
export const options = { teardownTimeout: '1s' };
export default function () { console.log('default'); }
export function teardown() { sleep(10); }
