import { sleep } from 'k6';
export const options = { vus: 3, iterations: 1 };
export default function () { sleep(0.2); }
