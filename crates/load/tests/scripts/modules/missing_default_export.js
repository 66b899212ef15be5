import x from './lib/double.js';
export default function () { console.log(typeof x); }
