export const options = { thresholds: ['p(95)<5'] };
export default function () {}
