import { x } from './lib/throws.js';
export default function () { console.log(x); }
