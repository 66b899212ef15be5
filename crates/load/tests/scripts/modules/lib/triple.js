import { double } from './double.js';
export default (x) => double(x) + x;
export const constant = 3;
