export default function () {}
export async function handleSummary() { return { stdout: 'async' }; }
