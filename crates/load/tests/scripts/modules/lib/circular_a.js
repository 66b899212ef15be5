import { b } from './circular_b.js';
export const a = () => `a${b()}`;
export let counted = 0;
export const count = () => { counted += 1; };
