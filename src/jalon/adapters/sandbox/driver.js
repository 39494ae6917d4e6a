// Evaluated before a codec. Gives back the function that the child process calls: it finds what the
// vendor's file offers, calls it, and writes the result.
//
// An engine lives for one call, or is kept for many: then harden.js freezes all that a codec could
// change, the file itself is executed anew for every call, and new globals are swept away after it.
(function () {
  "use strict";
  const stringify = JSON.stringify;
  const finite = Number.isFinite;
  const view = ArrayBuffer.isView;
  const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
  const freeze = Object.freeze;
  // Clocks that are too exact, and what waits or is shared.
  for (const name of ["performance", "navigator", "Atomics", "SharedArrayBuffer"]) {
    delete globalThis[name];
  }

  const offered = {
    decodeUplink: () => typeof decodeUplink === "function" && decodeUplink,
    normalizeUplink: () => typeof normalizeUplink === "function" && normalizeUplink,
    encodeDownlink: () => typeof encodeDownlink === "function" && encodeDownlink,
    decodeDownlink: () => typeof decodeDownlink === "function" && decodeDownlink,
    Decode: () => typeof Decode === "function" && Decode,
    Decoder: () => typeof Decoder === "function" && Decoder,
    Encode: () => typeof Encode === "function" && Encode,
    Encoder: () => typeof Encoder === "function" && Encoder,
  };

  let file = null;
  let own = null;
  let mine = null;

  function find(name) {
    const declared = own ? own[name] : offered[name]();
    if (declared) return declared;
    const unit = mine || globalThis.module;
    if (typeof unit !== "object" || !unit.exports) return null;
    const exported = unit.exports;
    for (const place of [exported, exported.default, exported.driver]) {
      if (place && typeof place[name] === "function") return place[name].bind(place);
    }
    return null;
  }

  function bytesOf(text) {
    const bytes = [];
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
    return bytes;
  }

  function decode(text, port, time) {
    const bytes = bytesOf(text);
    let call = find("decodeUplink");
    if (call) return call({ bytes, fPort: port, recvTime: new Date(time), variables: {} });
    if ((call = find("Decode"))) return { data: call(port, bytes, {}) };
    if ((call = find("Decoder"))) return { data: call(bytes, port) };
    throw new TypeError("no decodeUplink, Decode or Decoder");
  }

  function normalize(decoded) {
    const call = find("normalizeUplink");
    if (!call) throw new TypeError("no normalizeUplink");
    const said = call(decoded);
    if (!said || typeof said !== "object") return said;
    const warnings = [].concat(decoded.warnings || [], said.warnings || []);
    return { data: said.data, errors: said.errors, warnings };
  }

  function encode(input) {
    let call = find("encodeDownlink");
    if (call) return call(input);
    const port = input.fPort === undefined ? 1 : input.fPort;
    if ((call = find("Encode"))) return { bytes: call(port, input.data, {}), fPort: port };
    if ((call = find("Encoder"))) return { bytes: call(input.data, port), fPort: port };
    throw new TypeError("no encodeDownlink, Encode or Encoder");
  }

  function decodeDown(text, port, time) {
    const call = find("decodeDownlink");
    if (!call) throw new TypeError("no decodeDownlink");
    const input = { bytes: bytesOf(text), fPort: port, recvTime: new Date(time), variables: {} };
    return call(input);
  }

  const calls = {
    decode,
    encode: (text) => encode(JSON.parse(text)),
    "decode-downlink": decodeDown,
    "normalize-only": (text) => normalize(JSON.parse(text)),
    normalize(text, port, time) {
      const decoded = decode(text, port, time);
      const failed = !decoded || !decoded.data || (decoded.errors && decoded.errors.length);
      return failed ? decoded : normalize(decoded);
    },
    offers: () => ({ data: Object.keys(offered).filter((name) => find(name)) }),
  };

  const apply = Reflect.apply;
  let swept = null;

  function written(what, text, port, time) {
    const lost = [];
    function plain(key, value) {
      switch (typeof value) {
        case "number":
          if (finite(value)) return value;
          lost.push(key + " is " + value);
          return undefined;
        case "bigint":
          return value <= SAFE && value >= -SAFE ? Number(value) : String(value);
        case "object":
          return view(value) ? Array.from(value) : value;
        default:
          return value;
      }
    }
    if (file) {
      mine = { exports: {} };
      own = apply(file, globalThis, [mine.exports, mine]);
    }
    const said = calls[what](text, port === null ? undefined : port, time);
    if (!said || typeof said !== "object") throw new TypeError("it gave " + said + ", not an object");
    if (typeof said.then === "function") throw new TypeError("it gave a Promise, not an object");
    return stringify({ said, lost }, plain);
  }

  return function run(what, text, port, time) {
    if (what === "keep") {
      swept = port;
      file = freeze(text);
      freeze(text.prototype);
      return true;
    }
    if (!file) return written(what, text, port, time);
    let result = null;
    try {
      result = written(what, text, port, time);
    } finally {
      own = mine = null;
      if (!swept()) result = null;
    }
    return result;
  };
})()
