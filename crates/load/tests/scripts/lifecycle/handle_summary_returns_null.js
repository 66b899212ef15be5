export default function () { console.log('ran'); }
export function handleSummary() { return null; }
