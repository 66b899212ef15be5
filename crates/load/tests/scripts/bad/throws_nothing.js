export const options = { iterations: 2 };
export default function () { throw undefined; }
