export default function () {
  console.log('line two');
  throw new Error('line three');
}
