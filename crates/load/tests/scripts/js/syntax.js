class Account {
  #balance = 5;
  static #made = 0;
  static made() { return Account.#made; }
  #secret() { return this.#balance * 2; }
  get double() { return this.#secret(); }
  static { Account.#made = 10; }
  has(o) { return #balance in o; }
  add(n) { this.#balance += n; return this; }
}
class Child extends Account { constructor() { super(); this.kind = new.target.name; } }
function* generate(n) { for (let i = 0; i < n; i++) { const got = yield i; if (got) return got; } }
const tag = (strings, ...values) => strings.raw.join('|') + values.join();
export default async function () {
  const a = new Account();
  console.log(a.add(2).double, Account.made(), a.has(a), a.has({}), new Child().kind, a instanceof Account);
  const o = { a: { b: null }, f() { return this.a; }, ['comp' + 1]: 1, get g() { return 2; }, ...{ s: 1 } };
  console.log(o?.a?.b?.c, o.x?.y.z, o.nope?.(), o.a.b ?? 'default', o.comp1, o.g, o.s);
  let x = null; x ??= 5; let y = 0; y ||= 6; let z = 1; z &&= 7;
  console.log(x, y, z, 2 ** 10, 1_000_000, 0b101, 0o17, 0xff);
  console.log([...generate(3)].join(), generate(5).next().value);
  const g = generate(5); g.next(); console.log(JSON.stringify(g.next('stop')));
  console.log(tag`a${1}\n${2}c`);
  const { p = 1, ...rest } = { q: 2, r: 3 }; const [h, , t = 9, ...more] = [1, 2, undefined, 4, 5];
  console.log(p, JSON.stringify(rest), h, t, more.join());
  label: for (const i of [1, 2]) { for (const j of [1, 2]) { if (j === 2) continue label; if (i === 2) break label; console.log(i, j); } }
  try { throw 1; } catch { console.log('optional catch'); } finally { console.log('finally'); }
  console.log(((a, b = 2, ...c) => a + b + c.length)(1), (function () { return typeof this; })(), typeof Symbol.iterator);
  console.log([1, [2, [3, [4]]]].flat(Infinity).join(), Object.entries({ a: 1 }).flat().join(), 'abc'.at(-1), [1, 2, 3].at(-1), [3, 1, 2].sort().join());
  console.log('a-b-a'.replaceAll('a', 'x'), 'x'.padStart(3, '.'), ' t '.trim() + '|', 'abc'.includes('b'), [..."a✓😀"].length, 'ß'.toUpperCase(), 'é'.normalize('NFD').length);
}
