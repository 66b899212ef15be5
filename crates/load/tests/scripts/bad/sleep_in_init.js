import { sleep } from 'k6';
sleep(0.05);
export default function () { console.log('ran'); }
