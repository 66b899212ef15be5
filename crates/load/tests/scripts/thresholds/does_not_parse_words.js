export const options = { thresholds: { http_req_duration: ['fast'] } };
export default function () {}
