export default function () { console.log('default'); }
export function teardown() {
  throw new Error('cannot clean up');
}
