"""What Thing Descriptions of others call a unit, as UCUM codes."""

from __future__ import annotations

import re
from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.catalogues.units import is_unit, unit


class UnitWords(Catalogued):
    """A unit's names in other vocabularies."""

    ucum: str
    names: list[str]


class UnitWordCatalogue(Catalogue):
    """`unit_words.yaml`."""

    words: list[UnitWords]


_PREFIX = re.compile(r"^(.*[/#]|[A-Za-z][A-Za-z0-9]*:)")


@cache
def _words() -> dict[str, str]:
    found = catalogue("unit_words", UnitWordCatalogue)
    return {name.casefold(): one.ucum for one in found.words for name in one.names}


def ucum_of(word: str) -> str | None:
    """The UCUM code of `qudt:DEG_C`, `om2:kilowatt`, `°C` or `Cel`; None for an unknown one."""
    word = word.strip()
    if word == "C":  # the coulomb by its code; never what a Thing Description means
        return "Cel"
    if is_unit(word):
        return unit(word).code
    bare = _PREFIX.sub("", word)
    code = _words().get(bare.casefold())
    if code is None and bare != word and is_unit(bare):
        code = unit(bare).code
    return code
