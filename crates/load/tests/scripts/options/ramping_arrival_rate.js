export const options = {
  scenarios: { s: { executor: 'ramping-arrival-rate', startRate: 10, timeUnit: '1s', preAllocatedVUs: 5, stages: [{ target: 50, duration: '1s' }, { target: 0, duration: '600ms' }] } },
};
export default function () {}
