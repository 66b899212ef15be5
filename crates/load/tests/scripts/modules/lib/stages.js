export function teardown() { console.log('imported teardown'); }
