export const options = { vus: 1.5, iterations: 3 };
export default function () { console.log('ran'); }
