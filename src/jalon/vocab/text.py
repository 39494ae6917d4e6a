"""Sentences that are written once, in English, and shown in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark a message for the catalogue without translating it here."""
    return message


@dataclass(frozen=True, slots=True)
class Text:
    """A message id with its parameters; `str()` gives the English sentence.

    The shells translate `message` first and fill `{name}` places after, so parameters never
    reach the catalogue.
    """

    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.params) if self.params else self.message


@dataclass(frozen=True, slots=True)
class Names:
    """A thing's name in the languages its author wrote; falls back to the first one given."""

    by_language: Mapping[str, str]

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """The name in `language` (two-letter code), else in English, else the first there is."""
        names = self.by_language
        return names.get(language) or names.get("en") or next(iter(names.values()), "")
