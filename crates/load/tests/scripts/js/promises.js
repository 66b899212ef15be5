export default async function () {
  console.log(await Promise.all([1, Promise.resolve(2)]).then((v) => v.join()));
  console.log(JSON.stringify(await Promise.allSettled([Promise.reject(new Error('x')), 1]).then((r) => r.map((x) => x.status))));
  console.log(await Promise.race([new Promise((ok) => setTimeout(() => ok('slow'), 50)), 'fast']), await Promise.any([Promise.reject(1), 2]));
  try { await Promise.any([Promise.reject(1)]); } catch (e) { console.log(e.name, e instanceof AggregateError, e.errors.length); }
  const order = [];
  Promise.resolve().then(() => order.push('micro'));
  order.push('sync');
  await null;
  order.push('after await');
  await Promise.resolve().finally(() => order.push('finally'));
  console.log(order.join());
}
