import { SharedArray } from 'k6/data';
const data = new SharedArray('data', () => [JSON.parse(open(import.meta.resolve('./lib/data.json')))]);
export default function () { console.log(JSON.stringify(data[0])); }
