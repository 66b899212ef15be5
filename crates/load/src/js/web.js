// Globals of browsers that k6 has, too. Run once for each virtual user, with three functions of ours.
(({ encode, decode, random }) => {
  class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return encode(String(text)); }
  }

  class TextDecoder {
    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
      const names = { 'utf-8': 'utf-8', utf8: 'utf-8', 'utf-16': 'utf-16le', 'utf-16le': 'utf-16le', 'utf-16be': 'utf-16be' };
      const encoding = names[String(label).trim().toLowerCase()];
      if (!encoding) throw new RangeError(`unsupported encoding: ${label}`);
      Object.assign(this, { encoding, fatal: Boolean(fatal), ignoreBOM: Boolean(ignoreBOM) });
    }

    decode(input = new Uint8Array(0)) {
      const view = ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : input;
      const text = decode(view, this.encoding);
      if (this.fatal && text.includes('\ufffd')) throw new TypeError('the bytes are no text in this encoding');
      return !this.ignoreBOM && text.startsWith('\ufeff') ? text.slice(1) : text;
    }
  }

  const crypto = {
    getRandomValues(array) {
      const whole = ArrayBuffer.isView(array) && !(array instanceof DataView) && !/^Float/.test(array.constructor.name);
      if (!whole) throw new TypeError('crypto.getRandomValues() takes a typed array of whole numbers');
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(random(array.byteLength));
      return array;
    },
    randomUUID() {
      const bytes = random(16);
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
    get subtle() {
      throw new Error('crypto.subtle is not supported; k6/crypto has hashes, HMACs and random bytes');
    },
  };

  for (const [name, value] of Object.entries({ TextEncoder, TextDecoder, crypto })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
})
