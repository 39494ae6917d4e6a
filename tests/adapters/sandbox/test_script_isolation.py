"""No codec sees another, no call sees the one before, nothing sees the machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jalon.adapters.sandbox import Sandbox
from jalon.run.codecs.codec import Frame, Output

TIMES = 12
"""More calls than have an engine of their own: the later ones share one."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.mark.parametrize(
    "source",
    [
        "var count = 0; function decodeUplink(i) { return { data: { n: ++count } }; }",
        """let all = [];
          function decodeUplink(i) { all.push(1); return { data: { n: all.length } }; }""",
        """function decodeUplink(i) {
          globalThis.n = (globalThis.n || 0) + 1; return { data: { n } }; }""",
        """function decodeUplink(i) {
          if (typeof n === 'undefined') n = 0; n++; return { data: { n } }; }""",
        """function decodeUplink(i) {
          var fresh = !Object.getOwnPropertyDescriptor(globalThis, 'kept');
          Object.defineProperty(globalThis, 'kept', { value: 1, configurable: false });
          return { data: { n: fresh ? 1 : 2 } }; }""",
        """function decodeUplink(i) {
          var p = Object['proto' + 'type']; var n = (p.seen || 0) + 1;
          try { p.seen = n; } catch (e) {} return { data: { n: n } }; }""",
        """function decodeUplink(i) { var n = (Math.max.seen || 0) + 1;
          try { Math.max.seen = n; } catch (e) {} return { data: { n: n } }; }""",
        """function decodeUplink(i) { var e = 'Error'; var g = globalThis[e];
          var n = g.stackTraceLimit === 3 ? 2 : 1;
          try { g['stackTraceLimit'] = 3; } catch (x) {} return { data: { n: n } }; }""",
        """function decodeUplink(i) {
          var g = (function* () {}).constructor.prototype; var n = (g.seen || 0) + 1;
          try { g.seen = n; } catch (e) {} return { data: { n: n } }; }""",
        """function decodeUplink(i) { var n = (globalThis['ev' + 'al'] || Function)
          ("typeof leak === 'undefined' ? 1 : 2"); n = n === 2 ? 2 : 1;
          try { globalThis['ev' + 'al']('let leak = 1'); } catch (e) {}
          return { data: { n: n } }; }""",
        """function decodeUplink(i) {
          var parent = Object.getPrototypeOf(globalThis); var n = parent.n || 1;
          Reflect.setPrototypeOf(globalThis, Object.create(parent, { n: { value: 2 } }));
          return { data: { n: n } }; }""",
        """var me = typeof arguments === 'object' && arguments.callee;
          function decodeUplink(i) { var n = (me && me.seen || 0) + 1;
            try { me.seen = n; me.prototype.seen = n; } catch (e) {}
            return { data: { n: n } }; }""",
        """module.exports.count = (module.exports.count || 0) + 1;
          exports.decodeUplink = () => ({ data: { n: module.exports.count } });""",
        """const find = /1/g; function decodeUplink(i) { find.test('11');
          return { data: { n: find.lastIndex } }; }""",
        """Array.prototype.seen = (Array.prototype.seen || 0) + 1;
          function decodeUplink(i) { return { data: { n: [].seen } }; }""",
        """Buffer.seen = (Buffer.seen || 0) + 1;
          function decodeUplink(i) { return { data: { n: Buffer.seen } }; }""",
    ],
)
def test_every_call_is_the_first(sandbox: Sandbox, source: str) -> None:
    found = sandbox.script("again", source).decode([Frame(b"\x01")] * TIMES)
    assert found == [Output({"n": 1})] * TIMES


def test_a_file_that_needs_its_own_built_ins_has_them_in_every_call(sandbox: Sandbox) -> None:
    source = """var lists = Array["proto" + "type"]; lists.unit = "Cel";
      function decodeUplink(i) { return { data: { unit: [].unit || "none" } }; }"""
    found = sandbox.script("own", source).decode([Frame(b"")] * TIMES)
    assert found == [Output({"unit": "Cel"})] * TIMES


def test_what_one_codec_breaks_is_whole_in_another(sandbox: Sandbox) -> None:
    vandal = sandbox.script(
        "vandal",
        "Object.prototype.toString = Array.prototype.push = JSON.stringify = null;"
        "Object.prototype.temperature = 99; function decodeUplink() { return { data: {} }; }",
    )
    vandal.decode([Frame(b"\x01")] * TIMES)
    source = """function decodeUplink(i) { var a = []; a.push(String({}), ({}).temperature);
      return { data: { a: a } }; }"""
    assert sandbox.script("honest", source).decode([Frame(b"")]) == [
        Output({"a": ["[object Object]", None]})
    ]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "process",
            "fetch",
            "XMLHttpRequest",
            "WebSocket",
            "setTimeout",
            "setInterval",
            "std",
            "os",
        ),
        *(
            "Deno",
            "Bun",
            "performance",
            "SharedArrayBuffer",
            "Atomics",
            "scriptArgs",
            "print",
            "load",
        ),
    ],
)
def test_there_is_nothing_to_reach_the_machine_with(sandbox: Sandbox, name: str) -> None:
    source = (
        f"function decodeUplink(i) {{ return {{ data: {{ is: typeof globalThis['{name}'] }} }}; }}"
    )
    found = sandbox.script("reach", source).decode([Frame(b"")] * TIMES)
    assert found == [Output({"is": "undefined"})] * TIMES


@pytest.mark.parametrize("how", ["require('fs')", "require('child_process')"])
def test_modules_cannot_be_had(sandbox: Sandbox, how: str) -> None:
    source = f"""function decodeUplink(i) {{
      var got = false;
      try {{ {how}; got = true; }} catch (e) {{ }}
      return {{ data: {{ got: got }} }}; }}"""
    assert sandbox.script("need", source).decode([Frame(b"")]) == [Output({"got": False})]


def test_an_import_never_resolves(sandbox: Sandbox) -> None:
    source = """var got = false; import('fs').then(() => { got = true; }, () => {});
      function decodeUplink(i) { return { data: { got: got } }; }"""
    assert (
        sandbox.script("need", source).decode([Frame(b"")] * TIMES)
        == [Output({"got": False})] * TIMES
    )


def test_ordinary_code_works_in_a_frozen_engine(sandbox: Sandbox) -> None:
    source = """
    function Reading(name) { this.name = name; }
    Reading.prototype = { toString: function () { return "r:" + this.name; }, valueOf: () => 4 };
    class Bad extends Error {
      constructor(m) { super(m); this.name = "Bad"; this.message = m + "!"; }
    }
    function decodeUplink(input) {
      var data = {}; data.toString = "own"; data.constructor = "mine"; data.hasOwnProperty = 1;
      var list = []; list.push(3, 1, 2); list.sort(); list.find = "mine";
      try { throw new Bad("no"); } catch (e) { data.error = e.name + " " + e.message; }
      data.text = String(new Reading("t")) + (new Reading("x") + 1);
      data.list = list.map((x) => x * 2);
      data.again = [...new Set([1, 1, 2])].concat(Object.entries({ a: 1 })[0]);
      i = 5; data.leaked = i;
      return { data: data };
    }"""
    expected = {
        "toString": "own",
        "constructor": "mine",
        "hasOwnProperty": 1,
        "error": "Bad no!",
        "text": "r:t5",
        "list": [2, 4, 6],
        "again": [1, 2, "a", 1],
        "leaked": 5,
    }
    assert (
        sandbox.script("usual", source).decode([Frame(b"")] * TIMES) == [Output(expected)] * TIMES
    )
