import { b } from './cycle_b.js';
export let count = 0;
export function increment() { count += 1; }
export function a() { return `a(${b()})`; }
export function name() { return 'a'; }
