"""Vendors' files in all the forms they come in, and what becomes of what they return."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.sandbox import Sandbox, ScriptError
from jalon.run.batch import Reason
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused

CLIMATE = """
function signed(high, low) {
  var value = high << 8 | low;
  return value > 32767 ? value - 65536 : value;
}
function decodeUplink(input) {
  if (input.fPort !== 7) return { errors: ["port " + input.fPort + " is not known"] };
  var bytes = input.bytes;
  var warnings = bytes[2] < 20 ? ["battery is low"] : [];
  var data = { temperature: signed(bytes[0], bytes[1]) / 10, battery: bytes[2] };
  return { data: data, warnings: warnings };
}
function normalizeUplink(input) {
  return { data: [{ air: { temperature: input.data.temperature }, time: "2026-01-01T00:00:00Z" }] };
}
function encodeDownlink(input) {
  if (input.data.minutes > 255) return { errors: ["minutes: at most 255"] };
  return { bytes: [1, input.data.minutes], fPort: 9, warnings: [] };
}
function decodeDownlink(input) { return { data: { minutes: input.bytes[1] } }; }
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def decoded(sandbox: Sandbox, source: str, payload: bytes = b"\x01\x02\x03") -> Output | Refused:
    return sandbox.script("test", source).decode([Frame(payload, 1, 1_700_000_000_000)])[0]


def output(sandbox: Sandbox, source: str, payload: bytes = b"\x01\x02\x03") -> Output:
    found = decoded(sandbox, source, payload)
    assert isinstance(found, Output), found
    return found


def refusal(sandbox: Sandbox, source: str) -> Refused:
    found = decoded(sandbox, source)
    assert isinstance(found, Refused), found
    return found


def returning(expression: str) -> str:
    return f"function decodeUplink(input) {{ return {expression}; }}"


def test_a_codec_of_ts013_does_all_it_can(sandbox: Sandbox) -> None:
    codec = sandbox.script("climate", CLIMATE)
    assert codec.check() == {"decodeUplink", "normalizeUplink", "encodeDownlink", "decodeDownlink"}
    frames = [Frame(b"\x00\xd7\x50", 7), Frame(b"\xff\xf6\x0a", 7), Frame(b"", 8)]
    good, cold, wrong = codec.decode(frames)
    assert good == Output({"temperature": 21.5, "battery": 80})
    assert cold == Output({"temperature": -1, "battery": 10}, ("battery is low",))
    assert isinstance(wrong, Refused)
    assert wrong.reason is Reason.CODEC
    assert "port 8 is not known" in wrong.detail
    assert codec.encode({"minutes": 10}) == Frame(b"\x01\x0a", 9)
    assert codec.decode_downlink(Frame(b"\x01\x0a", 9)) == Output({"minutes": 10})
    with pytest.raises(Refused, match="at most 255"):
        codec.encode({"minutes": 300})


def test_normalized_values_keep_the_warnings_and_their_time(sandbox: Sandbox) -> None:
    codec = sandbox.script("climate", CLIMATE, normalize=True)
    found = codec.decode([Frame(b"\x00\xd7\x0a", 7)])[0]
    expected = [{"ts": "2026-01-01T00:00:00Z", "air": {"temperature": 21.5}}]
    assert found == Output(expected, ("battery is low",))


@pytest.mark.parametrize(
    "source",
    [
        "function Decode(fPort, bytes, variables) { return { sum: bytes[0] + fPort }; }",
        "function Decoder(bytes, port) { return { sum: bytes[0] + port }; }",
        "const decodeUplink = ({ bytes, fPort }) => ({ data: { sum: bytes[0] + fPort } });",
        "exports.decodeUplink = (i) => ({ data: { sum: i.bytes[0] + i.fPort } });",
        "module.exports = { decodeUplink(i) { return { data: { sum: i.bytes[0] + i.fPort } } } };",
        "export function decodeUplink(i) { return { data: { sum: i.bytes[0] + i.fPort } }; }",
        "function decodeUplink(i) { return { data: { sum: i.bytes[0] + i.fPort } }; }\n"
        "export { decodeUplink };",
        "export default { decodeUplink: (i) => ({ data: { sum: i.bytes[0] + i.fPort } }) };",
        'import { Buffer } from "buffer";\n'
        "function decodeUplink(i) {"
        " return { data: { sum: Buffer.from(i.bytes).readUInt8(0) + i.fPort } }; }",
        "\ufefffunction decodeUplink(i) {"
        " console.log(i); return { data: { sum: i.bytes[0] + 1 } }; }",
    ],
)
def test_the_forms_of_other_platforms_are_understood(sandbox: Sandbox, source: str) -> None:
    codec = sandbox.script("form", source)
    codec.check()
    # The first calls have an engine each, the later ones share one: both must understand.
    assert codec.decode([Frame(b"\x04", 1)] * 6) == [Output({"sum": 5})] * 6


def test_older_encoders_are_understood(sandbox: Sandbox) -> None:
    chirpstack = sandbox.script("v3", "function Encode(port, data) { return [port, data.on]; }")
    assert chirpstack.encode({"on": 1}) == Frame(b"\x01\x01", 1)
    ttn = sandbox.script("v2", "function Encoder(data, port) { return [port, data.on]; }")
    assert ttn.encode({"on": 1}, port=12) == Frame(b"\x0c\x01", 12)


def test_the_time_of_receipt_is_a_date(sandbox: Sandbox) -> None:
    source = returning("{ data: { year: input.recvTime.getFullYear(), at: input.recvTime } }")
    assert output(sandbox, source).values == {"year": 2023, "at": "2023-11-14T22:13:20.000Z"}


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("{ data: { a: 1n, b: 2n ** 80n } }", {"a": 1, "b": "1208925819614629174706176"}),
        ("{ data: { a: undefined, b: () => 1, c: Symbol('x'), d: null } }", {"d": None}),
        ("{ data: { a: new Uint8Array([1, 2]), b: new Date(NaN) } }", {"a": [1, 2], "b": None}),
        ("{ data: { get a() { return 5 } } }", {"a": 5}),
        ("{ data: { a: 'é\\u0000' } }", {"a": "é\0"}),
        ("{ data: [{ ts: 1, a: 2 }, { ts: 2, a: 3 }] }", [{"ts": 1, "a": 2}, {"ts": 2, "a": 3}]),
        ("{ data: {}, errors: [], warnings: null }", {}),
    ],
)
def test_odd_values_become_json(sandbox: Sandbox, expression: str, values: object) -> None:
    assert output(sandbox, returning(expression)) == Output(values)


def test_a_number_that_is_none_is_left_out_with_a_warning(sandbox: Sandbox) -> None:
    found = output(sandbox, returning("{ data: { t: 0 / 0, u: 1 / 0, v: 1 } }"))
    assert found == Output({"v": 1}, ("t is NaN", "u is Infinity"))


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (returning("undefined"), "gave undefined"),
        (returning("null"), "gave null"),
        (returning("'21.5'"), "gave 21.5"),
        (returning("{}"), "no data"),
        (returning("{ data: 'hot' }"), "no object"),
        (returning("{ data: [1, 2] }"), "list of other things"),
        (returning("[1]"), "not an object"),
        ("async " + returning("{ data: {} }"), "Promise"),
        (returning("{ toJSON() { return undefined } }"), "not an object"),
        ("function decodeUplink(i) { var a = {}; a.a = a; return { data: a }; }", "circular"),
        ("function decodeUplink(i) {\n  return i.nothing.here;\n}", "(line 2:"),
        ("function decodeUplink(i) { throw new Error('too short'); }", "too short"),
        ("function decodeUplink(i) { throw 'too short'; }", "too short"),
        ("function decodeUplink(i) { throw { code: 5 }; }", "[object Object]"),
        (returning("{ data: {}, errors: ['bad crc', { code: 5 }] }"), 'bad crc; {"code":5}'),
        (returning("{ data: {}, errors: 'bad crc' }"), "bad crc"),
        (returning("{ data: { a: '\\ud800' } }"), "not JSON"),
        ("var nothing = 1;", "no decodeUplink"),
        ("let x = ;", "SyntaxError"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    sandbox: Sandbox, source: str, word: str
) -> None:
    found = refusal(sandbox, source)
    assert found.reason is Reason.CODEC
    assert word in found.detail


def test_words_of_a_codec_are_cut_to_a_size_to_read(sandbox: Sandbox) -> None:
    found = output(
        sandbox, returning("{ data: {}, warnings: new Array(50).fill('w'.repeat(999)) }")
    )
    assert len(found.warnings) == 20
    assert max(map(len, found.warnings)) == 300
    assert len(refusal(sandbox, returning("{ errors: ['e'.repeat(9999)] }")).detail) < 400


@pytest.mark.parametrize(
    "said",
    [
        "[300]",
        "[-1]",
        "[1.5]",
        "['a']",
        "'0102'",
        "undefined",
        "[1], fPort: 'x'",
        "[1], fPort: 300",
    ],
)
def test_bytes_that_are_none_are_not_sent(sandbox: Sandbox, said: str) -> None:
    codec = sandbox.script("down", f"function encodeDownlink(i) {{ return {{ bytes: {said} }}; }}")
    with pytest.raises(Refused) as caught:
        codec.encode({})
    assert caught.value.reason is Reason.CODEC


def test_bytes_may_be_a_typed_array(sandbox: Sandbox) -> None:
    source = (
        "function encodeDownlink(i) { return { bytes: Buffer.from('ff00', 'hex'), fPort: 2 }; }"
    )
    assert sandbox.script("down", source).encode({}) == Frame(b"\xff\x00", 2)


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("var a = 1;\nlet b = ;\n", 2, 9),
        ("var a = 1;\nnothing.here();\n", 2, 1),
        ("if (", 1, 5),
        ("function other() {}", 0, 0),
        ("while (true) {}", 1, 1),
    ],
)
def test_a_file_that_cannot_be_used_says_where(
    sandbox: Sandbox, source: str, line: int, column: int
) -> None:
    with pytest.raises(ScriptError) as caught:
        sandbox.script("broken", source).check()
    assert (caught.value.line, caught.value.column) == (line, column)


def test_normalizing_needs_the_function(sandbox: Sandbox) -> None:
    codec = sandbox.script("plain", returning("{ data: {} }"), normalize=True)
    with pytest.raises(ScriptError, match="normalizeUplink"):
        codec.check()


@given(payload=st.binary(max_size=300), port=st.none() | st.integers(0, 255))
def test_every_payload_arrives_as_it_is(sandbox: Sandbox, payload: bytes, port: int | None) -> None:
    codec = sandbox.script("echo", returning("{ data: { bytes: input.bytes, port: input.fPort } }"))
    found = codec.decode([Frame(payload, port)])[0]
    expected: dict[str, object] = {"bytes": list(payload)}
    assert found == Output(expected if port is None else expected | {"port": port})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e9, 1e9)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    values=st.dictionaries(st.sampled_from(["a", "b", "toString", "constructor"]), JSON, max_size=4)
)
def test_values_reach_an_encoder_as_they_are(sandbox: Sandbox, values: dict[str, object]) -> None:
    source = (
        "function encodeDownlink(i) {"
        " return { bytes: Buffer.from(JSON.stringify(i.data), 'utf8'), fPort: 1 }; }"
    )
    sent = sandbox.script("echo", source).encode(values)
    assert orjson.loads(sent.payload) == orjson.loads(orjson.dumps(values))


def test_the_buffer_reads_and_writes_what_vendors_use(sandbox: Sandbox) -> None:
    source = """
    function decodeUplink(input) {
      const b = Buffer.from(input.bytes), w = Buffer.alloc(16);
      w.writeInt16BE(-2, 0); w.writeUInt32LE(4000000000, 2); w.writeDoubleBE(2.5, 8);
      return { data: {
        u16: b.readUInt16BE(0), i16: b.readInt16LE(0), u24: b.readUIntBE(0, 3), i8: b.readInt8(3),
        hex: b.toString("hex"), text: Buffer.from("aGk=", "base64").toString(), part: b.slice(1, 3),
        w16: w.readInt16BE(0), w32: w.readUInt32LE(2), wd: w.readDoubleBE(8),
        all: Buffer.concat([b, Buffer.from([9])]).length, is: Buffer.isBuffer(b),
        decoded: new TextDecoder().decode(new Uint8Array([195, 169])),
        encoded: new TextEncoder().encode("é"), round: require("buffer").Buffer === Buffer,
      } };
    }"""
    assert output(sandbox, source, b"\x01\xff\x02\xfe").values == {
        "u16": 511,
        "i16": -255,
        "u24": 130818,
        "i8": -2,
        "hex": "01ff02fe",
        "text": "hi",
        "part": [255, 2],
        "w16": -2,
        "w32": 4000000000,
        "wd": 2.5,
        "all": 5,
        "is": True,
        "decoded": "é",
        "encoded": [195, 169],
        "round": True,
    }
    assert "out of range" in refusal(sandbox, returning("Buffer.from([1]).readUInt16BE(0)")).detail


def test_a_warning_nested_deeper_than_it_can_be_written_costs_nobody_else(sandbox: Sandbox) -> None:
    deep = "let x = []; for (let i = 0; i < 400; i++) x = [x];"
    source = f"function decodeUplink() {{ {deep} return {{data: {{a: 1}}, warnings: [x]}}; }}"

    [said] = sandbox.script("deep", source).decode([Frame(b"")])

    assert said == Output({"a": 1}, ("…",))
