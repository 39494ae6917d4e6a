"""Characters that the fonts inside typst cannot show, and what is printed instead.

A PDF that is to be read by everybody may hold no character without a glyph, and typst refuses to
make one. Which they are is asked of typst itself, so that no list of ours can be out of date.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SAFE = re.compile(
    r"[^\n\t\x20-\x7e\xa0-\xac\xae-\u017f\u2010-\u2015\u2018-\u201e\u2022\u2026\u202f]"
)
_SOURCE = b"""#set document(title: "x")
#set text(font: "Libertinus Serif", lang: "en")
#for one in json(bytes(sys.inputs.data)) [#one #parbreak()]"""
_TRADE = frozenset("₀₁₂₃₄≤≥≠→←×✓€●▲○☐−")
_ALWAYS_GONE = frozenset(("Cc", "Cs", "Co", "Cn"))
"""Controls, halves of pairs, private and unassigned characters."""


def shown(text: str, *, plain: bool = False) -> str:
    """The text with a name in brackets for every character that has no glyph; with `plain`, for
    every one that is neither Latin nor a sign of the trade, as some have a glyph only alone."""
    odd = set(_SAFE.findall(text))
    if not odd:
        return text
    missing = {
        one: _instead(one) for one in odd if not _has_glyph(one) or (plain and one not in _TRADE)
    }
    return "".join(missing.get(one, one) for one in text)


def ask_at_once(texts: str) -> None:
    """Look at all odd characters of a document in one go, so that the usual case costs one try."""
    odd = sorted(set(_SAFE.findall(texts)) - _known)
    odd = [one for one in odd if unicodedata.category(one) not in _ALWAYS_GONE]
    if odd and _compiles(odd):
        _known.update(odd)


_known: set[str] = set()


@lru_cache(maxsize=20_000)
def _has_glyph(character: str) -> bool:
    if character in _known:
        return True
    if unicodedata.category(character) in _ALWAYS_GONE or character == "\ufeff":
        return False
    return _compiles([character])


def _instead(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"[{name.lower()}]" if name and unicodedata.category(character)[0] in "LNPS" else ""


def _compiles(characters: list[str]) -> bool:
    import json

    import typst

    try:
        typst.compile(
            _SOURCE,
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["ua-1", "a-2a"],
            sys_inputs={"data": json.dumps([f"a{one}b" for one in characters])},
            timestamp=0,
        )
    except typst.TypstError:
        return False
    return True
