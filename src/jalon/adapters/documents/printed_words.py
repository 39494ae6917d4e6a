"""What printers say of themselves, in the language of the document."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.design.document import Change, Speak
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class PrintedWords:
    """Words around what the document says."""

    contents: str
    skip: str
    table: str
    figure: str
    equivalent: str
    page: str
    changes: dict[Change, str]
    dash: str
    colon: str

    def captioned(self, kind: str, number: int, caption: str) -> str:
        """`Table 3 – What is measured`."""
        return f"{kind} {number}{self.dash}{caption}"


def printed_words(speak: Speak) -> PrintedWords:
    """In the language of `speak`."""

    def say(message: str) -> str:
        return speak.render(Text(message))

    return PrintedWords(
        contents=say(N_("Contents")),
        skip=say(N_("Skip to the content")),
        table=say(N_("Table")),
        figure=say(N_("Figure")),
        equivalent=say(N_("The same in words")),
        page=say(N_("Page")),
        changes={
            Change.ADDED: say(N_("Added")),
            Change.CHANGED: say(N_("Changed")),
            Change.REMOVED: say(N_("Removed")),
        },
        dash=" – ",
        colon="\u00a0: " if speak.code == "fr" else ": ",
    )
