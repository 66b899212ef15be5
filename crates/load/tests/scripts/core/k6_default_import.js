import k6, { check } from 'k6';
import * as all from 'k6';
export default function () {
  console.log(Object.keys(k6).sort().join(), Object.keys(all).sort().join());
  console.log(k6.check === check, typeof k6.group, typeof all.sleep);
}
