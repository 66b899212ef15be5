export default function () { console.log('done'); }
export function handleSummary() {}
