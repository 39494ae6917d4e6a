"""How hard texts are to read: long sentences, and the formulas of Flesch and of Kandel and Moles.

Flesch's reading ease (1948) for English: 206.835 - 1.015 w - 84.6 s; for French with the
coefficients of Kandel and Moles (1958): 207 - 1.015 w - 73.6 s; `w` words per sentence, `s`
syllables per word. 100 is very easy, 60 plain, below 30 very hard. Syllables are counted by groups
of vowels, which is near enough for a mean over a text and says nothing of a single word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jalon.design.specification.prose import Passage
from jalon.vocab.text import N_, Text

LONGEST = 40
"""Words beyond which a sentence should be cut; plain-language guides ask for 20 on average."""

_SHORTEST = 5
"""Words from which a text counts as a sentence; names and labels are none."""

_END = re.compile(
    r"[.!?…](?:[ \u00a0\u202f]?[»”\"])?(?=[\s\u00a0\u202f]+[«“\"(]?[\s\u00a0]*[A-ZÀ-ÖØ-Þ])"
    r"|\n{2,}|\n(?=[-*|] )"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = {
    "fr": re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+"),
    "en": re.compile(r"[aeiouy]+"),
}
_BANDS = (
    (70.0, N_("easy to read")),
    (60.0, N_("plain")),
    (50.0, N_("somewhat hard to read")),
    (30.0, N_("hard to read")),
    (float("-inf"), N_("very hard to read")),
)
_EASE = {"fr": (207.0, 1.015, 73.6), "en": (206.835, 1.015, 84.6)}


@dataclass(frozen=True, slots=True)
class LongSentence:
    """A sentence of more than `LONGEST` words, and the passage it stands in."""

    passage: Passage
    sentence: str
    words: int


@dataclass(frozen=True, slots=True)
class Readability:
    """The texts of one language. `ease` is None when there are too few words to say."""

    language: str
    sentences: int
    words: int
    ease: float | None

    @property
    def word(self) -> Text:
        """The ease in a word, by Flesch's own bands."""
        ease = self.ease if self.ease is not None else 0.0
        return Text(next(word for least, word in _BANDS if ease >= least))

    @property
    def words_a_sentence(self) -> float:
        """The mean length of a sentence, in words."""
        return self.words / self.sentences if self.sentences else 0.0


def sentences(text: str) -> list[str]:
    """The sentences of a text; an abbreviation in front of a capital letter ends one too."""
    found = []
    start = 0
    for end in (*(one.end() for one in _END.finditer(text)), len(text)):
        found.append(text[start:end].strip())
        start = end
    return [one for one in found if one]


def words(sentence: str) -> list[str]:
    """Its words; numbers are none."""
    return _WORD.findall(sentence)


def syllables(word: str, language: str) -> int:
    """Groups of vowels, a silent `e` at the end left out; at least one."""
    lowered = word.lower()
    count = len(_VOWELS[language].findall(lowered))
    silent = re.search(r"[^aeiouyàâäéèêëîïôöùûü]e(?:s|nt)?$", lowered)
    if silent and (language == "fr" or not re.search(r"le$|ent$|ses$|ces$", lowered)):
        count -= 1
    return max(1, count)


def readability(passages: Iterable[Passage], language: str) -> Readability:
    """Of all texts in the language."""
    told = [s for one in passages if one.language == language for s in sentences(one.text)]
    counted = [some for sentence in told if len(some := words(sentence)) >= _SHORTEST]
    total = sum(map(len, counted))
    if total < 100:
        return Readability(language, len(counted), total, None)
    spoken = sum(syllables(word, language) for sentence in counted for word in sentence)
    base, by_sentence, by_word = _EASE[language]
    ease = base - by_sentence * total / len(counted) - by_word * spoken / total
    return Readability(language, len(counted), total, round(ease, 1))


def long_sentences(passages: Sequence[Passage]) -> Iterator[LongSentence]:
    """Those that should be cut, in the order of the files."""
    for passage in passages:
        if passage.text.count(" ") < LONGEST // 2:
            continue
        for sentence in sentences(passage.text):
            if (count := len(words(sentence))) > LONGEST:
                yield LongSentence(passage, sentence, count)
