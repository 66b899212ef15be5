import http from 'k6/http';
const base = __ENV.BASE_URL;
export const options = { iterations: 2 };
export default async function () {
  const first = http.asyncRequest('GET', `${base}/delay/0.3`);
  console.log(first instanceof Promise);
  const second = http.asyncRequest('POST', `${base}/post`, { a: 'b' });
  second.then((r) => console.log('second', r.json('form.a')));
  const r = await first;
  console.log('first', r.status);
  const all = await Promise.all([http.asyncRequest('GET', `${base}/get?n=1`), http.asyncRequest('GET', `${base}/get?n=2`)]);
  console.log(all.map((x) => x.json('args.n')).join());
  const failed = await http.asyncRequest('GET', 'http://127.0.0.1:1/');
  console.log(failed.error_code);
  try { await http.asyncRequest('GET', 'http://127.0.0.1:1/', null, { throw: true }); } catch (e) { console.log('rejected', String(e).replace(/^\w*Error: /, '')); }
}
