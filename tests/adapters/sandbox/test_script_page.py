"""The JavaScript codec of docs/codecs.md does what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jalon.adapters.sandbox import Sandbox
from jalon.run.codecs.codec import Frame, Output

PAGE = (Path(__file__).parents[3] / "docs" / "codecs.md").read_text("utf-8")


def test_the_codec_of_the_page_decodes_its_frame() -> None:
    source = re.search(r"^```js\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    frame = re.search(r"The frame `([0-9a-f]+)` on port (\d+) says `(.*?)`", PAGE)
    assert source
    assert frame
    payload, port, said = frame.groups()
    with Sandbox() as sandbox:
        codec = sandbox.script("page", source[1])
        assert codec.check() == {"decodeUplink", "encodeDownlink"}
        right, wrong = codec.decode([Frame(bytes.fromhex(payload), int(port)), Frame(b"", 1)])
        assert right == Output(json.loads(said))
        assert not isinstance(wrong, Output)
        assert codec.encode({"interval": 5}) == Frame(b"\x01\x05", 9)
