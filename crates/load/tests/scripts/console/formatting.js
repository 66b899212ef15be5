class Point { constructor() { this.x = 1; } }
export default function () {
  console.log();
  console.log('a', 1, 1.50, -0, NaN, Infinity, 1e21, 123456789012, true, null, undefined);
  console.log({ a: 1, b: 'two', c: [1, 'x', null, undefined], d: { e: { f: { g: { h: 1 } } } } });
  console.log([], {}, [[]], [{}], [undefined, null]);
  console.log([1, 2, 3], ['a', 'b'], [[1, [2, [3, [4]]]]]);
  console.log(new Date(0), new Point(), /re+x/gi, Symbol('s'), 10n);
  console.log(() => 1, function named() {}, class K {}, async () => {});
  console.log(new Map([[1, 'a']]), new Set([1, 'b']), new WeakMap());
  console.log(new Error('an error').message, new TypeError('bad') instanceof Error);
  console.log(new Uint8Array([1, 2, 255]), new ArrayBuffer(3), new Float64Array([0.5]));
  console.log('%s is %d', 'x', 5, '%');
  console.log('multi\nline', 'tab\t', 'quote"', 'ünï ✓', '');
  console.log(Promise.resolve(1), new Proxy({ p: 1 }, {}), JSON, Math.PI);
  console.log('string alone', ['nested "quotes"'], { 'key with space': 1, 'x-y': 2, 1: 'n' });
  console.log(Object.create(null), Object.assign(Object.create({ inherited: 1 }), { own: 2 }), new String('boxed'), new Number(5), new Boolean(false));
  console.log([1, , 3], new Array(3), [function () {}], { f() {}, g: () => 1 });
  console.log('x'.repeat(300).length, 'x'.repeat(300));
  const cycle = { name: 'c' };
  cycle.self = cycle;
  console.log(cycle);
  console.log({ toString() { return 'own toString'; } }, { toJSON() { return 'own toJSON'; } });
  console.log({ get a() { return 'got'; } }, Object.freeze({ z: 1 }), globalThis === global);
  console.log([new Date(0)], { when: new Date(0), re: /x/, u: undefined, nan: NaN, big: 5n }, [Symbol('in array')]);
  console.log({ long: 'l'.repeat(120), list: Array.from({ length: 60 }, (_, i) => i) });
  console.log({ aa: { bb: 1 }, cc: [ { dd: 1 }, { ee: 2 } ] });
}
