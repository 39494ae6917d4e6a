"""Headers of tables."""

from __future__ import annotations

from jalon.design.document import Speak
from jalon.vocab.text import Text


def head(speak: Speak, *messages: str) -> list[str]:
    """The header of a table."""
    return [speak.render(Text(one)) for one in messages]
