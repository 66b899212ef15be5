import exec from 'k6/execution';
exec.test.abort('not now');
export default function () { console.log('never'); }
