import { sleep } from 'k6';
const { double } = require('./lib/double.js');
const k6 = require('k6');
export default function () { console.log(double(8), typeof k6.sleep === typeof sleep, typeof k6.default); }
