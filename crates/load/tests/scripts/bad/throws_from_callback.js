export default function () {
  [1].map(() => { throw new Error('in map'); });
}
