export default function () {
  const e = new Error('shown');
  console.log(String(e));
  console.error(e.name, e.message, typeof e.stack, e.stack.includes('error_object.js:2'));
  console.log(Object.keys(e).length, JSON.stringify(e));
}
