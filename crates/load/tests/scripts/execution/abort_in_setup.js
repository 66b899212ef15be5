import exec from 'k6/execution';
export function setup() { exec.test.abort('no service'); }
export default function () { console.log('never'); }
export function teardown() { console.log('teardown'); }
