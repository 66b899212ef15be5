export default function () {
  const x = await Promise.resolve(1);
}
