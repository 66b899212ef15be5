export const a = 1;
export default function () {}
export default function () {}
