import http from 'k6/http';
import { stable } from '../support.js';
const document = { z: { b: 1, a: [2, 3] }, list: [4, 5], s: 'x', n: '{"q":[1]}' };
export default function () {
  const r = http.post(`${__ENV.BASE_URL}/anything`, JSON.stringify(document));
  for (const selector of ['list.@keys', 's.@keys', 'missing.@keys', 'z.@keys.#', 'z.@values.1.0', 'list.@values', 'n.@fromstr.q', 'z.@keys|0', 'z.@ugly', 'z.@valid', 'list.@this.0', 'list.@reverse']) {
    console.log(selector, stable(r.json(`json.${selector}`)));
  }
}
