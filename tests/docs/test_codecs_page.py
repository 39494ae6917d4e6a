"""docs/codecs.md: its layouts are valid, and its frames are decoded to what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jalon.adapters.folder.reader import FolderReader
from jalon.run.codecs.binary import Binary
from jalon.run.codecs.cayenne import CayenneLpp
from jalon.run.codecs.cbor import Cbor
from jalon.run.codecs.codec import Codec, Frame, Output
from jalon.run.codecs.spec import BinaryCodec, CborCodec, CodecSpec, LppCodec

PAGE = Path(__file__).parents[2] / "docs" / "codecs.md"
HEAD = '"@context": https://www.w3.org/2022/wot/td/v1.1\n"@type": tm:ThingModel\ntitle: T\n'
_PART = re.compile(
    r"^```yaml\n(jalon:codec:.*?)^```|^`([0-9a-f]+)` → `([^\n]+)`$", re.DOTALL | re.MULTILINE
)


def codecs_and_frames() -> list[tuple[str, list[tuple[str, str]]]]:
    """Each codec of the page, as it is written, with the frames that follow it."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for text, payload, values in _PART.findall(PAGE.read_text("utf-8")):
        if text:
            found.append((text, []))
        else:
            found[-1][1].append((payload, values))
    return found


def spec_of(text: str, folder: Path) -> CodecSpec:
    """The codec, read as a file of a solution is."""
    (folder / "things").mkdir()
    (folder / "things" / "page.tm.yaml").write_text(HEAD + text, "utf-8")
    reader = FolderReader(folder)
    things = reader.things()
    assert reader.findings == []
    spec = things["page"].codec
    assert spec is not None
    return spec


def opened(spec: CodecSpec) -> Codec:
    match spec:
        case BinaryCodec():
            return Binary(spec)
        case LppCodec():
            return CayenneLpp()
        case CborCodec():
            return Cbor()
    raise AssertionError(f"{spec.kind} has frames on the page")


CODECS = codecs_and_frames()
FRAMES = [(text, *frame) for text, frames in CODECS for frame in frames]


def test_the_page_has_codecs_and_frames() -> None:
    assert len(CODECS) > 6
    assert len(FRAMES) > 6


@pytest.mark.parametrize("text", [text for text, _frames in CODECS])
def test_a_codec_of_the_page_is_valid(text: str, tmp_path: Path) -> None:
    spec_of(text, tmp_path)


@pytest.mark.parametrize(("text", "payload", "values"), FRAMES, ids=[one[1] for one in FRAMES])
def test_a_frame_of_the_page_gives_what_it_says(
    text: str, payload: str, values: str, tmp_path: Path
) -> None:
    codec = opened(spec_of(text, tmp_path))
    assert codec.decode([Frame(bytes.fromhex(payload))]) == [Output(json.loads(values))]
