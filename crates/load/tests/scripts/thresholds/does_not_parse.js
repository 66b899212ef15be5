export const options = { thresholds: { http_reqs: ['count >> 5'] } };
export default function () {}
