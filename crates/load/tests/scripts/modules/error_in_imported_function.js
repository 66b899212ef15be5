import { deep } from './lib/thrower.js';
export default function () { deep(); }
