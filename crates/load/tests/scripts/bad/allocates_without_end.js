export const options = { iterations: 1 };
export default function () {
  const kept = [];
  for (;;) kept.push(new Array(100000).fill('x'));
}
