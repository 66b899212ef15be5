const kept = [];
export const options = { vus: 2, iterations: 100000 };
export default function () { kept.push(new Array(10000).fill(1)); }
