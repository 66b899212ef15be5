export default function () {
  const m = new Map([['a', 1]]); m.set({}, 2); const s = new Set([1, 1, 2]);
  console.log(m.size, s.size, [...m.keys()].length, new WeakSet([m]).has(m), Object.fromEntries([['x', 1]]).x);
  const p = new Proxy({}, { get: (_, k) => `got ${String(k)}`, has: () => true });
  console.log(p.anything, 'x' in p, Reflect.ownKeys({ a: 1, [Symbol('s')]: 2 }).length, Reflect.has({ a: 1 }, 'a'));
  console.log(JSON.stringify({ a: [1, { b: undefined, c: () => 1, d: NaN, e: new Date(0) }] }), JSON.stringify({ a: 1 }, null, 2).length, JSON.parse('[1,{"a":null}]', (k, v) => (v === null ? 'was null' : v))[1].a);
  console.log(Number('0x1f'), parseInt('12px'), parseFloat('1.5e3x'), (0.1 + 0.2).toFixed(2), (255).toString(16), Number.isInteger(5.0), Math.hypot(3, 4), Math.trunc(-1.5), Math.sign(-3), Math.clz32(1), Math.fround(5.5), (1234.5678).toPrecision(6), Number.MAX_SAFE_INTEGER);
  console.log(encodeURIComponent('a b&c=ü'), decodeURIComponent('%C3%BC'), encodeURI('http://x/ä?b=c d'), escape('ä b'), unescape('%E4'));
  console.log(Array.from({ length: 3 }, (_, i) => i * 2).join(), Array.of(7).length, [1, 2, 3].findLast((x) => x < 3), [1, 2, 3].includes(NaN), [5, 1].toSorted ? [5, 1].toSorted().join() : 'no toSorted', Object.groupBy ? 'has groupBy' : 'no groupBy');
  console.log((1234567.891).toLocaleString(), new Date(0).toLocaleDateString().length > 0, 'a'.localeCompare('b'), typeof Intl);
  console.log(Object.getOwnPropertyNames(class { static x() {} }).sort().join(), [].concat([1], 2).length, structured());
  console.log(eval('1 + 1'), new Function('a', 'return a * 2')(4), typeof globalThis);
}
function structured() { return [3, 20, 1].sort((a, b) => a - b).join(); }
