"""Whether a demand is worded so that it can be built and verified: rules on words, no grammar.

The words are in `catalogues/wording_lint.yaml`. A rule that would often be wrong is not here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from jalon.catalogues.wording_lint import WordingRule, wording_lint
from jalon.vocab.entries import Wording
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_, Text

LONGEST = 45
"""Words in a sentence, beyond which a reader loses its thread."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`at` counts characters from the start of the text in `language`, "" when the text is the
    same in all."""

    rule: str
    severity: Severity
    language: str
    at: int
    text: Text
    hint: Text | None = None


_WORDS: Mapping[str, tuple[Severity, str, str]] = MappingProxyType(
    {
        "vague": (
            Severity.WARNING,
            N_("“{words}” means something else to everybody."),
            N_("Give a figure, or a measure."),
        ),
        "subjective": (
            Severity.WARNING,
            N_("“{words}” is an opinion; nobody can show that it is met."),
            N_("Say what somebody can do, in what time, or which norm is kept."),
        ),
        "escape": (
            Severity.WARNING,
            N_("“{words}” lets everybody off."),
            N_("Say when it holds, or lower the priority."),
        ),
        "open-ended": (
            Severity.INFO,
            N_("“{words}” leaves the list open."),
            N_("Name everything that is meant."),
        ),
        "absolute": (
            Severity.INFO,
            N_("“{words}” cannot be shown by any test."),
            N_("Say in which conditions, or give a measure."),
        ),
        "unfinished": (
            Severity.WARNING,
            N_("“{words}”: this is not decided yet."),
            N_("Decide, or leave it out until then."),
        ),
    }
)
_GOALS = frozenset(("vague", "subjective", "absolute"))
"""Objectives may speak like this; their measure says how much."""
LINT_RULES = (*_WORDS, "compound", "no-subject", "too-long", "no-unit", "passive")
_AND = {"fr": r"(?:et|ainsi que|puis)", "en": r"(?:and|as well as|then)"}
_OBJECT = {
    "fr": r"(?:le|la|les|l'|un|une|des|du|chaque|tou[ts]\w*|ce|cette|ces|son|sa|ses|leurs?)",
    "en": r"(?:the|an?|every|each|all|any|it|them|its|their|this|these)",
}
_BETWEEN = {"fr": r"(?:(?:de|d'|à|également|aussi|le|la|les|l')\s*)*", "en": r"(?:(?:to|also)\s+)*"}
_INFINITIVE = re.compile(
    # Many nouns end in -ier: papier, atelier, premier.
    r"[A-ZÉÈÀ]\w+(?:(?<!i)er|ir|re)\s+(?:(?:le|la|les|un|une|des|du|chaque|tou[ts]\w*)\b|l')"
)
_PASSIVE = re.compile(
    r"\b(?:shall|must|should|will)\s+(?:not\s+)?be\s+(?:\w+ly\s+)?"
    r"(?:\w+ed|kept|sent|shown|given|written|read|made|held|built|known)\b",
    re.IGNORECASE,
)
_NUMBER = r"[-−+]?\d+(?:[ .,]\d+)*"
_ADRIFT = r"(?=\s*(?:$|[.;:!?)](?!\d)|,(?!\d)|(?:in|for|during|when|pendant|dans|pour|quand)\b))"
_SENTENCE = re.compile(r"[.!?](?:\s+(?=[A-ZÀ-Ý])|\s*$)")
_SAME = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "\n": " "})


def faults(wording: Wording, *, measured: bool, demand: bool) -> Iterator[Fault]:
    """What is wrong with it. `measured`: it has a measure. `demand`: it is a requirement, which
    says who has to do what; an objective need not."""
    if wording.fr == wording.en and wording.fr is not None:
        yield from _in("", _language(wording.fr), wording.fr, measured, demand)
        return
    for language, text in (("fr", wording.fr), ("en", wording.en)):
        if text is not None:
            yield from _in(language, language, text, measured, demand)


def _in(said: str, language: str, text: str, measured: bool, demand: bool) -> Iterator[Fault]:
    plain = text.translate(_SAME)
    for fault in _bad_words(said, language, plain, measured):
        if demand or fault.rule not in _GOALS:
            yield fault
    yield from _compound(said, language, plain)
    yield from _too_long(said, plain)
    if found := _limit(language).search(plain):
        number = Text(N_("“{words}” has no unit."), {"words": found.group("number")})
        yield Fault("no-unit", Severity.WARNING, said, found.start("number"), number)
    if demand:
        yield from _headless(said, language, plain)
        found = _PASSIVE.search(plain) if language == "en" else None
        if found and " by " not in plain[found.end() :]:
            message = Text(N_("“{words}”: by whom or by what?"), {"words": found.group()})
            hint = Text(N_("Begin with the component that does it."))
            yield Fault("passive", Severity.INFO, said, found.start(), message, hint)


def _bad_words(said: str, language: str, text: str, measured: bool) -> Iterator[Fault]:
    figure = measured or any(letter.isdigit() for letter in text)
    told = set()
    for found in _dictionary(language).finditer(text):
        rule = _rule_of(language, found.group().lower())
        if rule.id in told or (rule.unless == "figure" and figure):
            continue
        told.add(rule.id)
        severity, message, hint = _WORDS[rule.id]
        words = Text(message, {"words": found.group()})
        yield Fault(rule.id, severity, said, found.start(), words, Text(hint))


def _compound(said: str, language: str, text: str) -> Iterator[Fault]:
    found = _two_modals(language).search(text) or _two_demands(language).search(text)
    hint = Text(N_("One requirement, one demand: each is built, tested and accepted by itself."))
    if found:
        words = Text(N_("“{words}” begins a second demand."), {"words": found.group("second")})
        yield Fault("compound", Severity.WARNING, said, found.start("second"), words, hint)
        return
    ends = [one for one in _SENTENCE.finditer(text) if one.end() < len(text)]
    if ends:
        message = Text(N_("These are several sentences."))
        yield Fault("compound", Severity.INFO, said, ends[0].end(), message, hint)


def _too_long(said: str, text: str) -> Iterator[Fault]:
    at = 0
    for end in [*(one.end() for one in _SENTENCE.finditer(text)), len(text)]:
        count = len(text[at:end].split())
        if count > LONGEST:
            message = N_("The sentence has {count} words.")
            hint = Text(N_("Readers lose the thread beyond {count}."), {"count": LONGEST})
            yield Fault("too-long", Severity.INFO, said, at, Text(message, {"count": count}), hint)
        at = end


def _headless(said: str, language: str, text: str) -> Iterator[Fault]:
    lowered = text.lower()
    order = _order(language).match(text)
    infinitive = _INFINITIVE.match(text) if language == "fr" else None
    if order or infinitive or lowered.startswith(tuple(wording_lint().headless.of(language))):
        message = Text(N_("The sentence does not say who or what is to do it."))
        hint = Text(N_("Begin with the system, a component or a person."))
        yield Fault("no-subject", Severity.INFO, said, 0, message, hint)


def _language(text: str) -> str:
    """The one more of whose small words are in the text."""
    words = re.findall(r"\w+", text.lower())
    small = wording_lint().function_words
    counts = {code: sum(word in small.of(code) for word in words) for code in ("en", "fr")}
    return max(counts, key=lambda code: counts[code])


@cache
def _dictionary(language: str) -> re.Pattern[str]:
    """All bad words, grouped by their first letter: many times faster than one after the other."""
    groups: dict[str, list[str]] = defaultdict(list)
    for rule in wording_lint().rules:
        for word in sorted(rule.of(language), key=len, reverse=True):
            ending = r"\w*" if word.endswith("*") else ""
            groups[word[0]].append(re.escape(word[1:].removesuffix("*")) + ending)
    first = (
        f"{re.escape(letter)}(?:{'|'.join(sorted(rest, key=len, reverse=True))})"
        for letter, rest in groups.items()
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(first)})(?![\w-])", re.IGNORECASE)


@cache
def _rule_of(language: str, found: str) -> WordingRule:
    """The rule that has the word, or the longest beginning of it."""
    best: tuple[int, WordingRule] | None = None
    for rule in wording_lint().rules:
        for word in rule.of(language):
            stem = word.removesuffix("*")
            fits = found == word or (stem != word and found.startswith(stem))
            if fits and (best is None or len(stem) > best[0]):
                best = len(stem), rule
    assert best is not None, "the pattern is made of these words"
    return best[1]


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _two_modals(language: str) -> re.Pattern[str]:
    modal = rf"\b(?:{_any_of(wording_lint().modals.of(language))})\b"
    joint = rf"(?:\b{_AND[language]}\b|;)"
    second = rf"(?P<second>{joint}[^.;]*?{modal})"
    return re.compile(rf"{modal}[^.;]*?{second}", re.IGNORECASE)


@cache
def _two_demands(language: str) -> re.Pattern[str]:
    verb = rf"\b(?:{_any_of(wording_lint().demands.of(language))})\b"
    second = rf"(?P<second>\b{_AND[language]}\s+{_BETWEEN[language]}{verb})"
    return re.compile(rf"{verb}[^.;]*?{second}\s+{_OBJECT[language]}", re.IGNORECASE)


@cache
def _limit(language: str) -> re.Pattern[str]:
    words = _any_of(wording_lint().limits.of(language))
    return re.compile(rf"\b(?:{words})\s+(?P<number>{_NUMBER}){_ADRIFT}", re.IGNORECASE)


@cache
def _order(language: str) -> re.Pattern[str]:
    """A verb in the first place: an order, in French an infinitive."""
    verbs = wording_lint().demands.of(language)
    if language == "en":
        orders = [one for one in verbs if f"{one}s" in verbs]
    else:
        orders = [one for one in verbs if one.endswith(("er", "ir", "re"))]
    return re.compile(rf"(?:{_any_of(orders)})\s+{_OBJECT[language]}\b", re.IGNORECASE)
