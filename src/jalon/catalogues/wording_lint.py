"""How requirements are badly written: words, by fault and language."""

from __future__ import annotations

from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue


class ByLanguage(Catalogued):
    """Words, by language; `*` at the end stands for any ending."""

    fr: list[str]
    en: list[str]

    def of(self, language: str) -> list[str]:
        """Those of `fr` or `en`."""
        return self.fr if language == "fr" else self.en


class WordingRule(ByLanguage):
    """A fault and its words. `unless` is `figure` where a number or a measure excuses it."""

    id: str
    unless: str = ""


class WordingLint(Catalogue):
    """`wording_lint.yaml`."""

    rules: list[WordingRule]
    modals: ByLanguage
    demands: ByLanguage
    function_words: ByLanguage
    limits: ByLanguage
    headless: ByLanguage


@cache
def wording_lint() -> WordingLint:
    """The whole catalogue."""
    return catalogue("wording_lint", WordingLint)
