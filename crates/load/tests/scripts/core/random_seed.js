import { randomSeed } from 'k6';
export default function () {
  randomSeed(123);
  const a = [Math.random(), Math.random(), Math.random()];
  randomSeed(123);
  const b = [Math.random(), Math.random(), Math.random()];
  randomSeed(124);
  const c = [Math.random(), Math.random(), Math.random()];
  console.log(JSON.stringify(a) === JSON.stringify(b), JSON.stringify(a) === JSON.stringify(c), a.every((x) => x >= 0 && x < 1));
}
