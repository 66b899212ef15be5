import { nothing } from './lib/double.js';
export default function () { console.log(typeof nothing, nothing); }
