import { name } from './lib/double.js';
export default function () { name = 'other'; }
