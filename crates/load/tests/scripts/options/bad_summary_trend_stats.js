export const options = { summaryTrendStats: ['bogus'] };
export default function () {}
