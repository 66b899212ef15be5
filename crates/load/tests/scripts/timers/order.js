import { setTimeout as later, clearTimeout, setInterval, clearInterval } from 'k6/timers';
export default function () {
  setTimeout(() => console.log('c 60'), 60);
  later(() => console.log('b 20'), 20);
  setTimeout((a, b) => console.log('a 0', a, b), 0, 'x', 'y');
  const cancelled = later(() => console.log('never'), 10);
  clearTimeout(cancelled);
  Promise.resolve().then(() => console.log('microtask'));
  let n = 0;
  const interval = setInterval(() => { n += 1; if (n === 3) { clearInterval(interval); console.log('interval over'); } }, 40);
  console.log('sync', typeof cancelled);
}
