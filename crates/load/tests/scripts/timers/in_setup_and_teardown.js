export async function setup() { return new Promise((ok) => setTimeout(() => ok('set up'), 20)); }
export default function (data) { console.log(data); }
export function teardown() { setTimeout(() => console.log('torn down'), 20); }
