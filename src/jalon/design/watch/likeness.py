"""How alike texts are: TF-IDF weights and their cosine, with the words that were shared.

Own and small: it has to say why, in French and in English, and start without a library.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_SAYS_NOTHING = """
a about after all also an and any are as at be been before but by can could do does each for
from had has have how if in into is it its may more most must new no not of on one only or
other our out over shall should so some such than that the their them then there these they
this those to too under up us use used using was we were what when where which who will with
without would you your au aux avec ce ces cette chaque comme dans de des du elle elles en entre
est et etre eux il ils la le les leur leurs lui mais meme moins ne ni nos notre nous ou par pas
peut plus pour qu que qui sa sans se ses si son sont sous sur toute tout tous toutes un une
vers vos votre vous y ete ont avoir fait doit systeme system solution au-dessus au-dessous
"""
_STOP = frozenset(_SAYS_NOTHING.split())


def tokens(text: str) -> list[str]:
    """The words of a text without accents, case and what says nothing; plurals lose their s."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    found = (word for word in _WORD.findall(plain) if word not in _STOP and len(word) > 1)
    return [word[:-1] if len(word) > 4 and word.endswith("s") else word for word in found]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a text is to the target named `target`, 0 to 1, and the words that make it so,
    those that count most first."""

    target: str
    value: float
    words: Sequence[str]


class Corpus:
    """Targets by name. A word counts the more, the fewer targets have it."""

    def __init__(self, targets: Mapping[str, str]) -> None:
        counts = {name: Counter(tokens(text)) for name, text in targets.items()}
        shared = Counter(word for words in counts.values() for word in words)
        self._weights = {
            word: math.log((1 + len(counts)) / (1 + many)) + 1.0 for word, many in shared.items()
        }
        self._postings: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for name, words in counts.items():
            for word, weight in self._unit(words).items():
                self._postings[word].append((name, weight))

    def alike(self, text: str, most: int = 5) -> list[Likeness]:
        """The targets that a text is most like, the most first."""
        sums: dict[str, float] = defaultdict(float)
        why: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for word, weight in self._unit(Counter(tokens(text))).items():
            for name, other in self._postings.get(word, ()):
                sums[name] += weight * other
                why[name].append((weight * other, word))
        best = sorted(sums, key=lambda name: (-sums[name], name))[:most]
        return [
            Likeness(name, min(1.0, sums[name]), [word for _, word in sorted(why[name])[::-1][:6]])
            for name in best
        ]

    def _unit(self, words: Mapping[str, int]) -> dict[str, float]:
        """Weights of length one. A word that no target has counts as the rarest one."""
        rarest = max(self._weights.values(), default=1.0)
        found = {
            word: (1.0 + math.log(count)) * self._weights.get(word, rarest)
            for word, count in words.items()
        }
        length = math.sqrt(sum(weight * weight for weight in found.values())) or 1.0
        return {word: weight / length for word, weight in found.items()}


def named(words: Iterable[str], text: str) -> list[str]:
    """Which of the names stand in the text as whole words, one after the other."""
    said = f" {' '.join(tokens(text))} "
    return [name for name in words if (plain := " ".join(tokens(name))) and f" {plain} " in said]
