import { x } from './lib';
export default function () { console.log(x); }
