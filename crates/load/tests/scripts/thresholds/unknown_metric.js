export const options = { thresholds: { nothing_here: ['count>1'] } };
export default function () {}
