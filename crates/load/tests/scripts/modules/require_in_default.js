export default function () {
  require('./lib/common.cjs.js');
}
