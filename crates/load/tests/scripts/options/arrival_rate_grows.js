import { sleep } from 'k6';
export const options = {
  scenarios: { s: { executor: 'constant-arrival-rate', rate: 20, duration: '1s', preAllocatedVUs: 1, maxVUs: 30 } },
};
export default function () { sleep(0.3); }
