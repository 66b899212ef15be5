export function deep() {
  throw new Error('deep down');
}
