setTimeout(() => console.log('from init'), 10);
export default function () { console.log('default'); }
