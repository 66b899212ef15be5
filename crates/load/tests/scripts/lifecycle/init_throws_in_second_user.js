if (__VU > 0) throw new Error('only VU 0 is welcome');
export default function () {}
