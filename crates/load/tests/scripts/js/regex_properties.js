export default function () { console.log(/\p{L}+/u.exec('1äöü2')[0]); }
