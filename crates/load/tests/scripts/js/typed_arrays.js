export default function () {
  const b = new ArrayBuffer(8);
  const v = new DataView(b); v.setUint16(0, 0x1234); v.setFloat32(4, 1.5, true);
  console.log(new Uint8Array(b).join(), v.getInt16(0, true), v.getFloat32(4, true));
  console.log(Uint8Array.from([1, 2, 300]).join(), new Uint8ClampedArray([300, -5]).join(), new Int16Array([1, 2, 3]).subarray(1).join(), new Float64Array(2).fill(0.1).join(), b.slice(1, 3).byteLength, new BigInt64Array(1)[0].toString());
}
