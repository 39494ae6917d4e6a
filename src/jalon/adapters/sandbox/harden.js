// Freezes everything of an engine that is kept for many calls of one codec, and gives back the
// function that sweeps new globals away after each call and says whether all is as it was.
(function () {
  "use strict";
  const ownKeys = Reflect.ownKeys;
  const describe = Object.getOwnPropertyDescriptor;
  const define = Object.defineProperty;
  const parent = Object.getPrototypeOf;
  let known = null;
  let count = 0;

  // An object that inherits from a frozen one could not have a property of the same name (say, its
  // own toString) by assignment; with an accessor it can.
  function assignable(prototype) {
    for (const name of ownKeys(prototype)) {
      const { value, writable, enumerable, configurable } = describe(prototype, name);
      if (typeof name !== "string" || !writable || !configurable) continue;
      const get = () => value;
      const set = function (other) {
        const whole = Object(this) === this && this !== prototype;
        if (!whole) throw new TypeError(name + " is read-only");
        define(this, name, { value: other, writable: true, enumerable: true, configurable: true });
      };
      define(prototype, name, { get, set, enumerable, configurable: false });
    }
  }

  function harden() {
    define(globalThis, "eval", { value: undefined });
    for (const name of ["stackTraceLimit", "prepareStackTrace"]) {
      define(Error, name, { value: Error[name], writable: false, configurable: false });
    }
    const errors = ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError"];
    errors.push("TypeError", "URIError", "InternalError", "AggregateError", "SuppressedError");
    for (const name of ["Object", "Function", "Array", ...errors]) {
      if (globalThis[name]) assignable(globalThis[name].prototype);
    }
    const hidden = [function* () {}, async function () {}, async function* () {}];
    hidden.push([].values(), ""[Symbol.iterator](), "".matchAll(/a/g), new Map().keys());
    hidden.push(new Set().keys(), (function* () {})(), (async function* () {})(), [].values().map((x) => x));
    hidden.push(Iterator.from({ next() {} }));
    const seen = new Set([globalThis]);
    const visit = (one) => {
      if (Object(one) !== one || seen.has(one)) return;
      seen.add(one);
      visit(parent(one));
      for (const name of ownKeys(one)) {
        const found = describe(one, name);
        visit(found.value);
        visit(found.get);
        visit(found.set);
      }
      Object.freeze(one);
    };
    visit(parent(globalThis));
    hidden.forEach((one) => visit(parent(one)));
    for (const name of ownKeys(globalThis)) {
      const found = describe(globalThis, name);
      visit(found.value);
      visit(found.get);
      visit(found.set);
      define(globalThis, name, found.get ? { configurable: false } : { configurable: false, writable: false });
    }
    known = new Set(ownKeys(globalThis));
    count = known.size;
  }
  const before = parent(globalThis);
  const has = Set.prototype.has;
  const apply = Reflect.apply;
  const remove = Reflect.deleteProperty;

  // Whether nothing of the last call is left.
  function swept() {
    let names = ownKeys(globalThis);
    if (names.length !== count) {
      for (let at = 0; at < names.length; at++) {
        if (!apply(has, known, [names[at]])) remove(globalThis, names[at]);
      }
      names = ownKeys(globalThis);
    }
    return names.length === count && parent(globalThis) === before;
  }

  harden();
  return swept;
})()
