import { sleep } from 'k6';
export const options = { setupTimeout: '1s' };
export function setup() { sleep(10); }
export default function () { console.log('never'); }
