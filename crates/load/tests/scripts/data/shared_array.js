import { SharedArray } from 'k6/data';
import { attempt } from '../support.js';
const users = new SharedArray('users', () => { console.log('built'); return JSON.parse(open('./users.data.json')); });
export const options = { scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } } };
export default function () {
  if (__VU !== 1) return;
  console.log(users.length, users[0].name, users[1].tags[1], users[5], users.missing, JSON.stringify(users[0]));
  console.log(users.map((u) => u.name).join(), users.filter((u) => u.age > 20).length, users.find((u) => u.age === 7).name, users.findIndex((u) => u.age === 7));
  for (const u of users) console.log(u.name);
  users.forEach((u, i, all) => console.log(i, u.name, all.length));
  console.log([...users].length, users.slice(1).length, users.some((u) => u.age === 7), users.reduce((sum, u) => sum + u.age, 0), Array.isArray(users), users instanceof Array);
  const [first, ...rest] = users;
  console.log(first.name, rest.length, JSON.stringify(users).length, Object.keys(users).join(), 0 in users, 9 in users, users.at ? users.at(-1).name : 'no at', users.indexOf('x'), users.join().length);
  console.log(users[0] === users[0], typeof users, String(Object.prototype.toString.call(users)));
}
