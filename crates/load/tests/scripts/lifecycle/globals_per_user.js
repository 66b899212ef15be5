let count = 0;
export const options = { scenarios: { a: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } } };
export default function () {
  count += 1;
  console.log(`VU ${__VU} ITER ${__ITER} count ${count}`);
}
