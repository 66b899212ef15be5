const found = import.meta.resolve('./lib/double.js');
export default function () { console.log(found.slice(found.lastIndexOf('/'))); }
