import { nothing } from 'k6';
export default function () { console.log(typeof nothing, nothing); }
