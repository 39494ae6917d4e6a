"""Records of decisions: what they are made from, and whether that has changed since.

A record is a Markdown file of project/decisions/ with a short head. Between `BY_HAND` and
`END_BY_HAND` people write; all else is written anew each time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jalon.design.blueprint import Blueprint
from jalon.design.choices.report import Answer, answers
from jalon.design.choices.tables import answer_blocks
from jalon.design.document import (
    Block,
    Bullets,
    Figure,
    Heading,
    Note,
    Paragraph,
    Speak,
    Table,
    Terms,
)
from jalon.design.spec.architecture import Decision
from jalon.vocab.text import N_, Text

BY_HAND = "<!-- by hand: what stands here is kept -->"
END_BY_HAND = "<!-- end by hand -->"
_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_ENTRY = re.compile(r"^(\w+): *(.*)$", re.MULTILINE)
_NUMBER = re.compile(r"^(\d{4})-")
_KEPT = re.compile(re.escape(BY_HAND) + r"\n(.*?)" + re.escape(END_BY_HAND), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is there: `name` without `.md`."""

    name: str
    decision: str
    fingerprint: str


def records(blueprint: Blueprint) -> dict[str, Record]:
    """Those with a head of ours, by decision."""
    found: dict[str, Record] = {}
    for name, text in sorted(blueprint.records.items()):
        head = _HEAD.match(text.replace("\r\n", "\n"))
        entries = dict(_ENTRY.findall(head[1])) if head else {}
        if "decision" in entries and "fingerprint" in entries:
            decision = entries["decision"]
            found.setdefault(decision, Record(name, decision, entries["fingerprint"]))
    return found


def fingerprint(blueprint: Blueprint, decision: Decision) -> str:
    """16 hexadecimal digits of everything a decision rests on: itself, its question with every
    option and what excludes it, and the measures of the requirements that it cites."""
    answer = answer_to(blueprint, decision.id)
    cited = set(decision.requirements)
    found: dict[str, object] = {"decision": decision.model_dump(mode="json")}
    if answer is not None:
        cited |= {one.demand.requirement for one in answer.demands if one.demand.requirement}
        found["question"] = answer.question.model_dump(mode="json")
        found["demands"] = [one.demand.model_dump(mode="json") for one in answer.demands]
        found["out"] = {one.id: len(one.broken) for one in answer.options}
        found["order"] = list(answer.order)
    found["requirements"] = {
        one.id: [str(one.measure or ""), one.priority]
        for one in blueprint.about.requirements
        if one.id in cited
    }
    text = json.dumps(found, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def answer_to(blueprint: Blueprint, decision: str) -> Answer | None:
    """The question that a decision answers."""
    return next((one for one in answers(blueprint) if one.question.decision == decision), None)


def outdated(blueprint: Blueprint) -> Iterator[tuple[int, Decision, Record]]:
    """Decisions whose record was made from other inputs, with their place in architecture.yaml."""
    known = records(blueprint)
    for index, decision in enumerate(blueprint.architecture.decisions):
        record = known.get(decision.id)
        if record is not None and record.fingerprint != fingerprint(blueprint, decision):
            yield index, decision, record


def written_records(blueprint: Blueprint, speak: Speak) -> dict[str, str]:
    """Name without `.md` → text of every record as it is to be: each decision keeps its file and
    what was written by hand in it; new ones get the next numbers."""
    known = records(blueprint)
    taken = [int(found[1]) for name in blueprint.records if (found := _NUMBER.match(name))]
    number = max(taken, default=0)
    texts = {}
    for decision in blueprint.architecture.decisions:
        record = known.get(decision.id)
        if record is None:
            number += 1
        name = record.name if record else f"{number:04}-{decision.id}"
        texts[name] = _text(blueprint, decision, speak, blueprint.records.get(name, ""))
    return texts


def _text(blueprint: Blueprint, decision: Decision, speak: Speak, before: str) -> str:
    answer = answer_to(blueprint, decision.id)
    status = "accepted" if decision.decided_on else "proposed"
    head = {
        "decision": decision.id,
        "status": status,
        "date": decision.decided_on or "",
        "layer": decision.layer.value,
        "fingerprint": fingerprint(blueprint, decision),
    }
    lines = ["---", *(f"{key}: {value}".rstrip() for key, value in head.items()), "---", ""]
    lines += [f"# {decision.id} – {decision.choice}", ""]
    lines += _lines(_blocks(blueprint, decision, answer, speak))
    kept = _KEPT.search(before.replace("\r\n", "\n"))
    own = kept[1] if kept else "\n"
    lines += [f"## {speak.render(Text(N_('Notes')))}", "", BY_HAND]
    return "\n".join(lines) + "\n" + own + END_BY_HAND + "\n"


def _blocks(
    blueprint: Blueprint, decision: Decision, answer: Answer | None, speak: Speak
) -> Iterator[Block]:
    yield Heading(speak.render(Text(N_("Context"))))
    if answer is not None:
        yield Paragraph(speak.word(answer.question.name))
    cited = [one for one in blueprint.about.requirements if one.id in decision.requirements]
    if cited:
        yield Paragraph(speak.render(Text(N_("The requirements that weighed most:"))))
        yield Bullets([f"{one.id}: {speak.word(one.statement)}" for one in cited])
    if answer is not None:
        yield from answer_blocks(answer, speak, 2)
    elif decision.alternatives:
        yield Heading(speak.render(Text(N_("Alternatives"))))
        yield Bullets(decision.alternatives)
    yield Heading(speak.render(Text(N_("Decision"))))
    yield Paragraph(f"{decision.choice}.")
    yield Paragraph(speak.word(decision.reason))
    if answer is not None and answer.question.reason is not None:
        yield Paragraph(speak.word(answer.question.reason))
    if answer is not None and answer.question.consequences:
        yield Heading(speak.render(Text(N_("Consequences"))))
        yield Bullets([speak.word(one) for one in answer.question.consequences])


def _lines(blocks: Iterable[Block]) -> list[str]:
    """Blocks as Markdown."""
    lines: list[str] = []
    for block in blocks:
        lines += [*_markdown(block), ""]
    return lines


def _markdown(block: Block) -> list[str]:
    match block:
        case Heading(text=text, level=level):
            return [f"{'#' * (level + 1)} {text}"]
        case Paragraph(text=text):
            return [text]
        case Note(label=label, text=text):
            return [f"**{label}** – {text}"]
        case Bullets(items=items, numbered=numbered):
            return [f"{'1.' if numbered else '-'} {item}" for item in items]
        case Terms(entries=entries):
            return [f"- **{term}**: {meaning}" for term, meaning in entries]
        case Table():
            rows = [block.header, ["---"] * len(block.header), *block.rows]
            cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
            return [f"*{block.caption}*", "", *(f"| {' | '.join(row)} |" for row in cells)]
        case Figure(caption=caption, text=text):
            return [f"*{caption}*", "", text]


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Records whose text is another one now."""
    return {name: text for name, text in after.items() if before.get(name) != text}
