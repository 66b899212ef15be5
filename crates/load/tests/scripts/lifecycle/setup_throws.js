export function setup() {
  throw new Error('no users');
}
export default function () { console.log('never'); }
export function teardown() { console.log('teardown is not called'); }
