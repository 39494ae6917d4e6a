"""A message as one person gets it over one channel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Composed:
    """`key` is the same at every try. `severity` is one of `AlarmSeverity`, or `notice`, or
    `cleared`, and `word` the same in the reader's language; `rank` is 0 to 4. `title` is one line
    that begins with the word; `text` is plain, `html` a whole document. `link` is a page with more,
    None when nobody has said where the pages are. `about` is the same for messages of one affair,
    "" for none. `at_ms` is since when it is so."""

    key: str
    to: str
    name: str
    language: str
    rank: int
    severity: str
    word: str
    title: str
    text: str
    html: str
    link: str | None
    at_ms: int
    about: str = ""

    @property
    def short(self) -> str:
        """One line of 160 characters at most: a text message."""
        line = self.title if len(self.title) <= 160 else self.title[:159] + "…"
        link = f" {self.link}" if self.link else ""
        return line + link if len(line) + len(link) <= 160 else line
