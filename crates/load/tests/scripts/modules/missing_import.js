import { x } from './lib/not_there.js';
export default function () { console.log(x); }
