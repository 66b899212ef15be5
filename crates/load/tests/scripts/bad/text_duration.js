export const options = { vus: 1, duration: 'abc' };
export default function () {}
