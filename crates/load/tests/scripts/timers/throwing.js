export const options = { iterations: 2 };
export default function () {
  setTimeout(() => { throw new Error('in a timer'); }, 10);
  setTimeout(() => console.log('later timer'), 30);
}
