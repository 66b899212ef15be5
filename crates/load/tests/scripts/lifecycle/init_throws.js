const ready = false;
if (!ready) {
  throw new Error('not ready');
}
export default function () {}
