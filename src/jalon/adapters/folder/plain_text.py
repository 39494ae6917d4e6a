"""From the bytes of a file to its text, with a sentence for every way this can fail."""

from __future__ import annotations

from jalon.adapters.folder.document import Draft
from jalon.vocab.text import N_, Text

_MARKS = (
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def decode(raw: bytes, draft: Draft) -> str | None:
    """The text with `\\n` line ends and without a byte-order mark; None when faults were noted."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            draft.fault(
                "file.encoding",
                0,
                0,
                Text(N_("The file is written in {encoding}."), {"encoding": name}),
                Text(N_("Save it as UTF-8.")),
            )
            return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        draft.fault(
            "file.encoding",
            line,
            column,
            Text(N_("Byte 0x{byte:02x} is not UTF-8."), {"byte": raw[error.start]}),
            Text(N_("Save the file as UTF-8; it was probably saved as Windows-1252.")),
        )
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        draft.fault("file.empty", 0, 0, Text(N_("The file is empty.")))
        return None
    return text
