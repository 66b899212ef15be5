export const options = { iterations: 6 };
export default function () {
  switch (__ITER) {
    case 0: throw 'a string';
    case 1: throw { code: 7 };
    case 2: throw 42;
    case 3: throw new TypeError('a type error');
    case 4: null.member;
    case 5: notDefined();
  }
}
