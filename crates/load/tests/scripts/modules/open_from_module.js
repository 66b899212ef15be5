import { text } from './lib/opens.js';
export default function () { console.log(JSON.stringify(text)); }
