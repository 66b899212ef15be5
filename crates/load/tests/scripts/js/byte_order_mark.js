export default function () {
  console.log('ran');
  throw new Error('line three');
}
