import x from 'https://jslib.test/x.js';
export default function () {}
