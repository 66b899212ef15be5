import { attempt } from '../support.js';
const hex = (bytes) => Array.from(bytes).join();
export default function () {
  console.log(typeof TextEncoder, typeof TextDecoder, typeof crypto.getRandomValues, typeof crypto.randomUUID);
  console.log(hex(new TextEncoder().encode('aü✓')), new TextEncoder().encoding, new TextEncoder().encode().length);
  console.log(new TextDecoder().decode(new Uint8Array([97, 195, 188])), new TextDecoder('utf-16le').decode(new Uint8Array([97, 0])), new TextDecoder().encoding);
  console.log(attempt(() => new TextDecoder('nope')), attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))));
  const bytes = new Uint8Array(16);
  console.log(crypto.getRandomValues(bytes) === bytes, bytes.some((byte) => byte > 0), attempt(() => crypto.getRandomValues([1])));
  console.log(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), crypto.randomUUID() === crypto.randomUUID());
}
