export const options = { vus: 1, duration: NaN };
export default function () {}
