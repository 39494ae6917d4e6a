"""The codecs of a folder's Thing Models: opened for every kind, and found faulty by the check."""

from __future__ import annotations

from pathlib import Path

import pytest

from jalon.adapters.sandbox import Sandbox
from jalon.app import routing
from jalon.app.codecs import MAX_SCRIPT, CodecError, open_codecs
from jalon.app.solution import check, load
from jalon.run.batch import RawBatch
from jalon.run.codecs.codec import Frame, Output
from jalon.run.ports import Series

SOLUTION = """\
id: demo
name: Trial
client: {name: Somebody}
problem: {statement: Something is wrong.}
"""
SITES = "sites: [{id: main, name: Main, zone: Europe/Paris}]"
SCRIPT = """\
function decodeUplink(input) {
  return { data: { temperature: input.bytes[0] / 10 } };
}
"""
PLUGIN = """\
from jalon.run.codecs.codec import Output

class Meter:
    def decode(self, frames):
        return [Output({"temperature": frame.payload[0]}) for frame in frames]
"""


class Written:
    """A folder with one type of device, whose codec is `codec` (YAML)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._write("solution.yaml", SOLUTION)
        self._write("fleet/sites.yaml", SITES)
        self._write("fleet/devices.csv", "id,name,thing,site\nd1,One,sensor,main\n")

    def codec(self, codec: str, property_name: str = "temperature") -> None:
        self._write(
            "things/sensor.tm.yaml",
            f'"@context": https://www.w3.org/2022/wot/td/v1.1\n"@type": tm:ThingModel\n'
            f"title: Sensor\nproperties:\n  {property_name}: {{type: number, unit: Cel}}\n"
            f"jalon:codec: {codec}\n",
        )

    def script(self, text: str, name: str = "sensor.js") -> None:
        self._write(f"things/{name}", text)

    def findings(self) -> list[str]:
        return [f"{one.place} {one.rule}: {one.text}" for one in check(self.folder)]

    def values(self, payload: str) -> object:
        """What the folder's codec makes of a frame."""
        with open_codecs(load(self.folder)) as codecs:
            outcome = codecs["sensor"].decode([Frame(bytes.fromhex(payload))])
        assert isinstance(outcome[0], Output), outcome
        return outcome[0].values

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Written:
    folder = tmp_path / "solution"
    folder.mkdir()
    return Written(folder)


@pytest.fixture
def meter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with a codec, found as any installed one is."""
    site = tmp_path / "site"
    info = site / "jalon_meter-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "jalon_meter.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: jalon-meter\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[jalon.codecs]\n"
        "meter = jalon_meter:Meter\n"
        "gone = jalon_meter:Gone\n"
        "output = jalon_meter:Output\n"
    )
    monkeypatch.syspath_prepend(str(site))
    return "meter"


def test_a_thing_without_a_codec_has_none(written: Written) -> None:
    written.codec("null")
    codecs = open_codecs(load(written.folder))
    assert codecs.get("sensor") is None
    assert codecs.encoder("sensor") is None


@pytest.mark.parametrize(
    ("codec", "payload", "name"),
    [
        ("{kind: cayenne-lpp}", "016700d2", "temperature_1"),
        ("{kind: cbor}", "a16b74656d706572617475726515", "temperature"),
        (
            "{kind: binary, fields: [{name: temperature, type: uint8}]}",
            "15",
            "temperature",
        ),
    ],
)
def test_codecs_without_code_are_opened(
    written: Written, codec: str, payload: str, name: str
) -> None:
    written.codec(codec, name)
    assert written.findings() == []
    assert written.values(payload) == {name: 21}


def test_what_can_be_read_can_be_written(written: Written) -> None:
    written.codec("{kind: binary, fields: [{name: temperature, type: uint8}]}")
    encoder = open_codecs(load(written.folder)).encoder("sensor")
    assert encoder is not None
    assert encoder.encode({"temperature": 21}) == Frame(b"\x15")


def test_frames_of_a_solution_become_readings_or_dead_letters(written: Written) -> None:
    """A datalogger counts its samples back from when the broker received the frame."""
    written.codec(
        "{kind: binary, fields: [{name: battery, type: uint8},"
        " {every: 60, samples: [{name: temperature, type: int16, scale: 0.1}]}]}"
    )
    solution = load(written.folder)
    series = routing.by_name(
        [Series(index, spec) for index, spec in enumerate(routing.specs(solution))]
    )
    intake = routing.intake(solution, series, open_codecs(solution))
    now = 1_760_000_000_000
    decoded = intake.decode(
        RawBatch(["v1/d1/frame"] * 2, [b"\x5f\0\xd2\0\xd7", b"\x5f\0"], [now, now])
    )
    assert decoded.columns.times_ms == [now - 60_000, now]
    assert decoded.columns.numbers == [21.0, 21.5]
    (letter,) = decoded.letters
    assert letter.detail == "byte 1: temperature needs 2 bytes, there are 1"
    assert letter.payload == b"\x5f\0"


def test_an_installed_package_offers_a_codec(written: Written, meter: str) -> None:
    written.codec(f"{{kind: python, name: {meter}}}")
    assert written.findings() == []
    assert written.values("15") == {"temperature": 21}


def test_a_codec_that_nobody_offers_is_found(written: Written, meter: str) -> None:
    written.codec("{kind: python, name: metre}")
    assert written.findings() == [
        "things/sensor.tm.yaml:6:35 codec.unknown-plugin: No installed package offers the codec"
        " “metre” (entry points jalon.codecs)."
    ]
    assert [str(one.hint) for one in check(written.folder)] == ["Did you mean “meter”?"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [("gone", "AttributeError"), ("output", "TypeError")],
)
def test_a_package_that_offers_no_codec_is_found(
    written: Written, meter: str, name: str, problem: str
) -> None:
    written.codec(f"{{kind: python, name: {name}}}")
    (finding,) = written.findings()
    assert finding.startswith(f"things/sensor.tm.yaml:6:35 codec.plugin: The codec “{name}” cannot")
    assert problem in finding


@pytest.mark.parametrize(
    ("codec", "finding"),
    [
        (
            "{kind: cayenne-lpp}",
            "things/sensor.tm.yaml:5:3 codec.unread: Cayenne LPP has no “temperature”:"
            " values are named as temperature_1.",
        ),
        (
            "{kind: binary, fields: [{name: temperatur, type: int8}]}",
            "things/sensor.tm.yaml:5:3 codec.unread: No field of the layout gives “temperature”.",
        ),
    ],
)
def test_a_property_that_no_frame_can_fill_is_found(
    written: Written, codec: str, finding: str
) -> None:
    written.codec(codec)
    assert written.findings() == [finding]


def test_a_script_beside_the_thing_model_is_run(written: Written) -> None:
    written.codec("{kind: ts013, file: sensor.js}")
    written.script(SCRIPT)
    assert written.findings() == []
    assert written.values("d2") == {"temperature": 21}


@pytest.mark.parametrize(
    ("file", "finding"),
    [
        ("sensr.js", "codec.missing-file: There is no file things/sensr.js."),
        ("../solution.yaml", "codec.file-elsewhere: The file stands beside the Thing Model"),
        ("/etc/hostname", "codec.file-elsewhere: The file stands beside the Thing Model"),
    ],
)
def test_a_script_that_is_not_there_is_found(written: Written, file: str, finding: str) -> None:
    written.codec(f"{{kind: ts013, file: {file}}}")
    written.script(SCRIPT)
    (found,) = written.findings()
    assert found.startswith(f"things/sensor.tm.yaml:6:34 {finding}")


@pytest.mark.parametrize(
    "text",
    ["function decodeUplink(input) {", "var nothing = 1;", "//" + " " * MAX_SCRIPT],
)
def test_a_script_that_cannot_be_used_is_found(written: Written, text: str) -> None:
    written.codec("{kind: ts013, file: sensor.js}")
    written.script(text)
    (found,) = written.findings()
    assert found.startswith("things/sensor.tm.yaml:6:34 codec.script: ")


def test_a_mistake_in_a_script_is_told_with_its_line(written: Written) -> None:
    written.codec("{kind: ts013, file: sensor.js}")
    written.script("function decodeUplink(input) {\n  return {data: };\n}\n")
    (finding,) = check(written.folder)
    assert "line 2" in str(finding.hint)


def test_several_solutions_may_share_a_sandbox(written: Written) -> None:
    written.codec("{kind: ts013, file: sensor.js}")
    written.script(SCRIPT)
    with Sandbox() as sandbox:
        for _turn in range(2):
            with open_codecs(load(written.folder), sandbox) as codecs:
                outcome = codecs["sensor"].decode([Frame(b"\x14")])
            assert outcome == [Output({"temperature": 2})]


def test_a_script_that_goes_away_after_the_check_is_told(written: Written) -> None:
    written.codec("{kind: ts013, file: sensor.js}")
    written.script(SCRIPT)
    solution = load(written.folder)
    (written.folder / "things" / "sensor.js").unlink()
    with pytest.raises(CodecError, match=r"things/sensor\.js"):
        open_codecs(solution)
