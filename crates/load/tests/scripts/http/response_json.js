import http from 'k6/http';
import { stable } from '../support.js';
const doc = {
  name: { first: 'Tom', last: 'Anderson' }, age: 37, children: ['Sara', 'Alex', 'Jack'], 'fav.movie': 'Deer Hunter', ok: true, none: null, big: 12345678901234567890, f: 1.5, e: [], o: {},
  friends: [{ first: 'Dale', last: 'Murphy', age: 44, nets: ['ig', 'fb'] }, { first: 'Roger', last: 'Craig', age: 68, nets: ['fb'] }, { first: 'Jane', last: 'Murphy', age: 47, nets: [] }],
};
const selectors = ['name.last', 'age', 'children', 'children.#', 'children.1', 'children.9', 'child*.2', 'c?ildren.0', 'fav\\.movie', 'friends.#.first', 'friends.1.last', 'friends.#(last=="Murphy").first', 'friends.#(last=="Murphy")#.first', 'friends.#(age>45)#.last', 'friends.#(first%"D*").last', 'friends.#(first!%"D*").last', 'friends.#(nets.#(=="fb"))#.first', 'none', 'ok', 'big', 'f', 'e', 'o', 'missing', 'name.missing.deep', '', 'children.@reverse', 'children|1', 'friends.#', '{name.first,age}', '[age,ok]', 'name.@this', '@keys', 'friends.0.@values'];
export default function () {
  const r = http.post(`${__ENV.BASE_URL}/anything`, JSON.stringify(doc));
  const whole = r.json();
  console.log(typeof whole, whole.json.age);
  for (const s of selectors) {
    let got;
    try { got = stable(r.json(`json.${s}`)); } catch (e) { got = `threw ${e}`; }
    console.log(s, got);
  }
  console.log(typeof r.json('json.none'), typeof r.json('json.missing'), r.json('nothing') === undefined);
}
