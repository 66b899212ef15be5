import { a } from './lib/circular_a.js';
import { count } from './lib/circular_a.js';
import * as again from './lib/../lib/circular_a.js';
count();
export default function () { console.log(a(), again.counted); }
