console.log('init');
export function setup() { console.log('setup'); }
export default function () { console.log('default'); }
export function teardown() { console.log('teardown'); }
export function handleSummary() { console.log('summary'); return {}; }
