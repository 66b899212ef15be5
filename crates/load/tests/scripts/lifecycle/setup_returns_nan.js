export function setup() { return { n: NaN }; }
export default function () { console.log('never'); }
