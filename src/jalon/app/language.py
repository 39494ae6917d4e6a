"""The reader's language: French or English, from one gettext catalogue."""

from __future__ import annotations

import gettext
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jalon.vocab.entries import Wording
from jalon.vocab.text import Names, Text

LANGUAGES = ("en", "fr")
_LOCALE = Path(__file__).parent.parent / "locale"


@dataclass(frozen=True, slots=True)
class Language:
    """Translates for one reader. `code` is `en` or `fr`."""

    code: str
    _catalogue: gettext.NullTranslations

    def gettext(self, message: str) -> str:
        """The message in the reader's language."""
        return self._catalogue.gettext(message) if message else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form that goes with `count`."""
        return self._catalogue.ngettext(one, many, count)

    def render(self, text: Text) -> str:
        """The sentence of a `Text`, translated first and filled after."""
        message = self.gettext(text.message)
        params = {name: self.told(value) for name, value in text.params.items()}
        return message.format(**params) if params else message

    def told(self, value: object) -> object:
        """What stands for a parameter of a sentence: texts and names in the language."""
        if isinstance(value, Text):
            return self.render(value)
        return self.word(value) if isinstance(value, Wording | Names) else value

    def word(self, wording: Wording | Names | None) -> str:
        """A text of the author's or of a catalogue, as far as it is written in the language."""
        return wording.in_language(self.code) if wording is not None else ""


@cache
def language(code: str) -> Language:
    """The language with that code; English for one we do not speak."""
    if code not in LANGUAGES:
        code = "en"
    return Language(code, gettext.translation("jalon", _LOCALE, [code], fallback=True))


def from_environment() -> Language:
    """The language of the terminal: `JALON_LANG`, else the POSIX locale variables."""
    for name in ("JALON_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return language(value[:2].lower())
    return language("en")


def share(spoken: Language) -> None:
    """Make libraries that ask gettext's global domain, as click does, speak it too."""
    os.environ["LANGUAGE"] = spoken.code
    gettext.bindtextdomain("jalon", _LOCALE)
    gettext.textdomain("jalon")
