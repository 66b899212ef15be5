export default function () {
  console.log(String(2n ** 64n), typeof 1n, String(BigInt('123456789012345678901234567890') * 2n), String(-7n / 2n), 5n > 4, 1n == 1, String(BigInt.asUintN(8, 257n)));
  try { console.log(1n + 1); } catch (e) { console.log(e.name); }
  try { JSON.stringify({ a: 1n }); } catch (e) { console.log(e.name); }
}
