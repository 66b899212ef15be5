import { name } from './cycle_a.js';
export function b() { return `b sees ${name()}`; }
