import data from './lib/data.json';
export default function () { console.log(data.a); }
