export default function () {
  try { undeclared = 5; console.log('assigned'); } catch (e) { console.log(e.name); }
  console.log((function () { return this; })() === undefined);
}
