export const options = { iterations: 3 };
export default async function () {
  console.log('before');
  await new Promise(() => {});
  console.log('never');
}
