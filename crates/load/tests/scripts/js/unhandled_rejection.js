export default function () {
  Promise.reject(new Error('lost'));
  console.log('goes on');
}
