import { double } from './lib/double.js';
const own = import.meta.url;
export default function () { console.log(double(4), typeof own); }
