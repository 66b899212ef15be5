export default function () {
  console.log('x';
}
