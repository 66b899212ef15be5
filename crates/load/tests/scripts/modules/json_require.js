const data = require('./lib/data.json');
export default function () { console.log(data.a); }
