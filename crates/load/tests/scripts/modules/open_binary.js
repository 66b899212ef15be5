const bytes = open('./lib/hello.txt', 'b');
export default function () {
  console.log(bytes instanceof ArrayBuffer, bytes.byteLength, new Uint8Array(bytes).slice(0, 10).join());
}
