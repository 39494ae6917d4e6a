"""Ids and the words that refer to them: given twice, or leading nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.text import N_, Text

_SHOWN = 12


def nearest(word: str, known: Iterable[str]) -> Text:
    """The hint for a word that is not among `known`: the one that was probably meant, or all."""
    known = list(known)
    folded = {name.casefold(): name for name in reversed(known)}
    close = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    if close:
        return Text(N_("Did you mean “{word}”?"), {"word": folded[close[0]]})
    if not known:
        return Text(N_("There is none yet."))
    shown = ", ".join(known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
    return Text(N_("Known are: {words}."), {"words": shown})


def repeated(
    rule: str, part: str, under: Path, ids: Sequence[str | None], key: str = "id"
) -> Iterator[Remark]:
    """An error for every id of the list at `under` that came before in the same list."""
    seen: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name is None:
            continue
        if name in seen:
            text = Text(
                N_("“{id}” is already the {key} of entry {number}."),
                {"id": name, "key": key, "number": seen[name] + 1},
            )
            yield Remark(rule, Severity.ERROR, Mark(part, (*under, index, key)), text)
        seen.setdefault(name, index)


def unknown(rule: str, at: Mark, message: str, word: str, known: Iterable[str]) -> Iterator[Remark]:
    """An error when `word` is not among `known`. `message` has a place for `{id}`."""
    known = list(known)
    if word not in known:
        yield Remark(rule, Severity.ERROR, at, Text(message, {"id": word}), nearest(word, known))


def unknown_each(
    rule: str, part: str, path: Path, message: str, words: Sequence[str], known: Iterable[str]
) -> Iterator[Remark]:
    """The same for every word of the list at `path`."""
    known = list(known)
    for index, word in enumerate(words):
        yield from unknown(rule, Mark(part, (*path, index)), message, word, known)
