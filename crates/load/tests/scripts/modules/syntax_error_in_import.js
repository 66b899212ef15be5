import { x } from './lib/broken.js';
export default function () { console.log(x); }
