export default async function () {
  const m = await import('./lib/double.js');
  console.log(m.double(3));
}
