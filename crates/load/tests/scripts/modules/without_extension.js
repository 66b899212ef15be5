import { double } from './lib/double';
export default function () { console.log(double(1)); }
