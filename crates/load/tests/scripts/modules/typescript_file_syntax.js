const x: number = 5;
export default function () { console.log(x); }
