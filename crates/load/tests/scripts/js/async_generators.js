async function* later() { yield 1; yield 2; }
export default async function () {
  const seen = [];
  for await (const v of later()) seen.push(v);
  console.log(seen.join());
}
