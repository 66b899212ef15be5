if (__VU > 0) open('./lib/hello.txt');
export default function () { console.log('ran'); }
