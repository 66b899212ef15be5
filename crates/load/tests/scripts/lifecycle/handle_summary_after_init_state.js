let seen = 0;
export const options = { iterations: 2 };
export default function () { seen += 1; }
export function handleSummary(data) {
  return { stdout: `iterations ${data.metrics.iterations.values.count}, seen here ${seen}\n` };
}
