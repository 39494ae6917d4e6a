"""Templates of documents: Markdown with places where Jalon puts in what it knows.

A place in a text, such as `{{ client }}`, is replaced by a few words; a place that stands alone in
its line, such as `{{ chapter: needs }}`, by blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from jalon.design.document import Block
from jalon.design.spec.solution import Priority, RequirementKind
from jalon.design.specification.markdown import Fault, read
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

WORDS = ("solution", "client", "contact", "version", "date", "status", "classification", "author")
"""Places inside a text."""

CHAPTERS: Mapping[str, tuple[str, ...]] = {
    "needs": ("solution", "tests"),
    "structure": ("architecture",),
    "sizing": ("sizing", "architecture"),
    "choices": ("choices", "architecture"),
    "threats": ("security", "architecture"),
    "ebios": ("ebios",),
    "duties": ("privacy", "regulation", "accessibility"),
    "prototype": ("prototype",),
    "watch": ("watch",),
}
"""The chapters that Jalon writes, each with the files it is written from."""

BLOCKS = ("summary", "requirements", "commitments", "revisions", "signatures", "glossary")
"""Places that stand alone, without an argument."""

_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "kind": tuple(RequirementKind),
    "priority": tuple(Priority),
}
_EXAMPLE = N_("Write it as {example}.")
_HEAD = ("id", "version", "title", "language")
_PLACE = re.compile(r"\{\{(?P<inside>[^{}]*)\}\}")
_INSIDE = re.compile(
    r"\s*(?P<name>[a-z-]+)\s*(?::\s*(?P<argument>[A-Za-z0-9_-]+))?(?P<options>(?:\s+[a-z]+=[a-z]+)*)\s*"
)
_FIELD = re.compile(r"(?P<key>[a-z]+):\s*(?P<value>.*?)\s*")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for blocks. `line` and `column` count from 1."""

    name: str
    argument: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Template:
    """What a document is written from. `name` is that of its file without `.md`; texts of `parts`
    still have the places for words in them."""

    name: str
    id: str
    version: str
    title: str
    language: str
    parts: Sequence[Block | Slot]
    faults: Sequence[Fault] = ()

    @property
    def slots(self) -> list[Slot]:
        """Its places for blocks, in order."""
        return [one for one in self.parts if isinstance(one, Slot)]


@lru_cache(maxsize=64)
def parse(name: str, text: str) -> Template:
    """The template in a file's text; what is wrong in it is in `faults`, and left out."""
    lines = text.split("\n")
    head, above, faults = _head(name, lines)
    slots: dict[int, Slot] = {}
    for number, line in enumerate(lines[above:], above + 1):
        for found in _PLACE.finditer(line):
            made = _place(found, number)
            alone = line.strip() == found.group()
            if isinstance(made, Fault):
                faults.append(made)
            elif made.name not in WORDS:
                if alone:
                    slots[number] = made
                else:
                    faults.append(_crowded(made))
    body = "\n".join(
        "" if number in slots else line for number, line in enumerate(lines[above:], above + 1)
    )
    written, more = read(body, above)
    placed: list[tuple[int, Block | Slot]] = [(one.line, one.block) for one in written]
    placed += list(slots.items())
    parts = tuple(part for _line, part in sorted(placed, key=lambda one: one[0]))
    faults = sorted([*faults, *more], key=lambda one: (one.line, one.column))
    return Template(
        name,
        head.get("id", name.rpartition(".")[0] or name),
        head.get("version", ""),
        head.get("title", name),
        head.get("language", name.rpartition(".")[2]),
        parts,
        tuple(faults),
    )


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with its places for words filled; others stay as they are."""

    def word(found: re.Match[str]) -> str:
        return words.get(found["inside"].strip(), found.group())

    return _PLACE.sub(word, text)


def _head(name: str, lines: list[str]) -> tuple[dict[str, str], int, list[Fault]]:
    """The fields between the two `---`, and how many lines they take."""
    example = Text(N_("Begin with “---”, id, version, title, language, “---”."))
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if not lines or lines[0].strip() != "---" or end is None:
        text = Text(N_("The template does not begin with what it is."))
        return {}, 0, [Fault(1, 1, text, example)]
    head: dict[str, str] = {}
    faults = []
    for number, line in enumerate(lines[1:end], 2):
        found = _FIELD.fullmatch(line)
        if found is None or found["key"] not in _HEAD:
            hint = nearest(found["key"] if found else line, _HEAD)
            text = Text(N_("A line at the head is one of id, version, title, language."))
            faults.append(Fault(number, 1, text, hint))
        else:
            head[found["key"]] = found["value"].strip("\"'")
    for key in _HEAD:
        if not head.get(key):
            text = Text(N_("The head of the template has no “{key}”."), {"key": key})
            faults.append(Fault(1, 1, text, example))
    expected = f"{head.get('id')}.{head.get('language')}"
    if not faults and name != expected:
        text = Text(
            N_("By its id and language the file should be called {name}.md."), {"name": expected}
        )
        faults.append(Fault(1, 1, text))
    return head, end + 1, faults


def _place(found: re.Match[str], line: int) -> Slot | Fault:
    column = found.start() + 1
    inside = _INSIDE.fullmatch(found["inside"])
    if inside is None:
        text = Text(N_("“{place}” cannot be read as a place."), {"place": found.group()})
        return Fault(line, column, text, Text(_EXAMPLE, {"example": "{{ chapter: needs }}"}))
    name, argument = inside["name"], inside["argument"] or ""
    options = dict(one.split("=") for one in inside["options"].split())
    slot = Slot(name, argument, options, line, column)
    wrong = next(_wrong(slot), None)
    return slot if wrong is None else Fault(line, column, *wrong)


def _wrong(slot: Slot) -> Iterator[tuple[Text, Text | None]]:
    known = ("chapter", "section", *BLOCKS, *WORDS)
    if slot.name not in known:
        yield _unknown(N_("There is no place “{word}”."), slot.name, known)
    elif slot.name == "chapter" and slot.argument not in CHAPTERS:
        yield _unknown(N_("There is no chapter “{word}”."), slot.argument, CHAPTERS)
    elif slot.name == "section" and not slot.argument:
        example = Text(_EXAMPLE, {"example": "{{ section: scope }}"})
        yield Text(N_("A section needs the id of its text in documents.yaml.")), example
    elif slot.argument and slot.name not in ("chapter", "section"):
        yield Text(N_("“{word}” takes nothing behind “:”."), {"word": slot.name}), None
    for key, value in slot.options.items():
        if slot.name != "requirements" or key not in _OPTIONS:
            allowed = _OPTIONS if slot.name == "requirements" else ()
            yield _unknown(N_("There is no option “{word}” here."), key, allowed)
        elif value not in _OPTIONS[key]:
            yield _unknown(N_("There is no such choice: “{word}”."), value, _OPTIONS[key])


def _unknown(message: str, word: str, known: object) -> tuple[Text, Text]:
    assert isinstance(known, Sequence | Mapping)
    return Text(message, {"word": word}), nearest(word, known)


def _crowded(slot: Slot) -> Fault:
    text = Text(N_("“{word}” stands for whole paragraphs."), {"word": slot.name})
    return Fault(slot.line, slot.column, text, Text(N_("Put it alone in its line.")))
