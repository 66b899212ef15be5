export const options = { get vus() { throw new Error('getter'); } };
export default function () {}
