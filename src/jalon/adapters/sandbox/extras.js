// What vendors' files expect beside the language: given only to a file that names it.
({
  console() {
    const silent = () => undefined;
    globalThis.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent };
  },
  exports() {
    globalThis.exports = {};
    globalThis.module = { exports: globalThis.exports };
  },
  require() {
    globalThis.require = function require(name) {
      if (name === "buffer" || name === "node:buffer") return { Buffer: globalThis.Buffer };
      throw new Error("require(" + JSON.stringify(name) + "): a codec has no modules");
    };
  },
  TextDecoder() {
    globalThis.TextDecoder = class TextDecoder {
      decode(bytes) {
        let escaped = "";
        for (const one of new Uint8Array(bytes || 0)) {
          escaped += "%" + (one + 256).toString(16).slice(1);
        }
        return decodeURIComponent(escaped);
      }
    };
  },
  TextEncoder() {
    globalThis.TextEncoder = class TextEncoder {
      encode(text) {
        return Uint8Array.from(unescape(encodeURIComponent(text)), (one) => one.charCodeAt(0));
      }
    };
  },
  Buffer() {
    const plain = (text) => Array.from(text, (one) => one.charCodeAt(0) & 255);
    const readers = {
      hex: (text) => (text.match(/[0-9a-f]{2}/gi) || []).map((pair) => parseInt(pair, 16)),
      base64: (text) => plain(atob(text.replace(/-/g, "+").replace(/_/g, "/"))),
      utf8: (text) => plain(unescape(encodeURIComponent(text))),
      latin1: plain,
    };
    const writers = {
      hex: (bytes) => Array.from(bytes, (one) => (one + 256).toString(16).slice(1)).join(""),
      base64: (bytes) => btoa(writers.latin1(bytes)),
      utf8: (bytes) => decodeURIComponent(escape(writers.latin1(bytes))),
      latin1: (bytes) => Array.from(bytes, (one) => String.fromCharCode(one)).join(""),
      ascii: (bytes) => Array.from(bytes, (one) => String.fromCharCode(one & 127)).join(""),
    };
    for (const table of [readers, writers]) {
      table["utf-8"] = table.utf8;
      table.binary = table.latin1;
      table.ascii = table.ascii || table.latin1;
    }
    const coded = (table, name) => {
      const found = table[String(name === undefined ? "utf8" : name).toLowerCase()];
      if (!found) throw new TypeError("Unknown encoding: " + name);
      return found;
    };

    class Buffer extends Uint8Array {
      static from(what, encoding, length) {
        if (typeof what === "string") what = coded(readers, encoding)(what);
        if (what instanceof ArrayBuffer) return new Buffer(what, encoding, length);
        return super.from(what);
      }
      static alloc(size, fill) {
        return new Buffer(size).fill(fill === undefined ? 0 : fill);
      }
      static allocUnsafe(size) {
        return new Buffer(size);
      }
      static concat(parts) {
        return Buffer.from([].concat(...Array.from(parts, (part) => Array.from(part))));
      }
      static isBuffer(what) {
        return what instanceof Buffer;
      }
      static byteLength(text, encoding) {
        return Buffer.from(text, encoding).length;
      }
      toString(encoding, start, end) {
        return coded(writers, encoding)(this.subarray(start || 0, end));
      }
      slice(start, end) {
        return this.subarray(start, end);
      }
      write(text, offset) {
        const bytes = Buffer.from(text);
        this.set(bytes, offset || 0);
        return bytes.length;
      }
      equals(other) {
        return this.length === other.length && this.every((one, at) => one === other[at]);
      }
      copy(target, at, start, end) {
        const part = this.subarray(start || 0, end);
        target.set(part, at || 0);
        return part.length;
      }
      _whole(offset, size, little) {
        if (!(offset >= 0 && offset + size <= this.length)) {
          throw new RangeError("The value of \"offset\" is out of range: " + offset);
        }
        let value = 0;
        for (let at = 0; at < size; at++) {
          value = value * 256 + this[offset + (little ? size - 1 - at : at)];
        }
        return value;
      }
      _put(value, offset, size, little) {
        let rest = Math.trunc(value);
        if (rest < 0) rest += 2 ** (8 * size);
        for (let at = 0; at < size; at++) {
          this[offset + (little ? at : size - 1 - at)] = rest % 256;
          rest = Math.floor(rest / 256);
        }
        return offset + size;
      }
    }
    const put = (name, body) =>
      Object.defineProperty(Buffer.prototype, name, { value: body, configurable: true, writable: true });
    const both = (verb, type, body) => {
      put(verb + type, body);
      put(verb + type.replace("UInt", "Uint"), body);
    };
    for (const [end, little] of [["LE", true], ["BE", false], ["", false]]) {
      for (const size of end ? [2, 4] : [1]) {
        const type = 8 * size + end;
        const top = 2 ** (8 * size);
        both("read", "UInt" + type, function (at = 0) {
          return this._whole(at, size, little);
        });
        both("read", "Int" + type, function (at = 0) {
          const value = this._whole(at, size, little);
          return value >= top / 2 ? value - top : value;
        });
        for (const sign of ["UInt", "Int"]) {
          both("write", sign + type, function (value, at = 0) {
            return this._put(value, at, size, little);
          });
        }
      }
      if (!end) continue;
      both("read", "UInt" + end, function (at, size) {
        return this._whole(at, size, little);
      });
      both("read", "Int" + end, function (at, size) {
        const value = this._whole(at, size, little);
        return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
      });
      for (const sign of ["UInt", "Int"]) {
        both("write", sign + end, function (value, at, size) {
          return this._put(value, at, size, little);
        });
      }
      for (const [name, view, size] of [["Float", "Float32", 4], ["Double", "Float64", 8]]) {
        put("read" + name + end, function (at = 0) {
          return new DataView(this.buffer, this.byteOffset, this.length)["get" + view](at, little);
        });
        put("write" + name + end, function (value, at = 0) {
          new DataView(this.buffer, this.byteOffset, this.length)["set" + view](at, value, little);
          return at + size;
        });
      }
    }
    globalThis.Buffer = Buffer;
  },
})
