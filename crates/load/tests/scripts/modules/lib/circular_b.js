import { a } from './circular_a.js';
export const b = () => `b ${typeof a}`;
