import { sleep } from 'k6';

export const options = { iterations: 2 };

export async function setup() {
  await Promise.resolve();
  return 'from async setup';
}

export default async function (data) {
  console.log('one', data);
  const two = await new Promise((done) => setTimeout(() => done('two'), 20));
  console.log(two);
  sleep(0.01);
}

export async function teardown(data) {
  await null;
  console.log('teardown', data);
}
