"""The impact assessment as a file that the CNIL's PIA tool imports.

The shape follows the tool's own import (LINCnil/pia, pia.service.ts and pia_architecture.json, read
on 2026-11-23): `pia`, `answers` by `reference_to`, `measures`, `evaluations`, `comments`. It was
not imported into a running tool.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from html import escape
from typing import TypedDict

from jalon.design.blueprint import Blueprint
from jalon.design.document import Speak
from jalon.design.duties.dpia import RISK_SECTIONS, RiskView, answers, risks
from jalon.vocab.entries import Wording
from jalon.vocab.text import Text


class _Data(TypedDict):
    text: str | None
    gauge: int | None
    list: list[str] | None


class _Answer(TypedDict):
    reference_to: int
    data: _Data
    created_at: str


def pia_json(blueprint: Blueprint, speak: Speak, today: date) -> str:
    """The file's text. Texts are HTML, as the tool's editor writes them."""
    stamp = f"{today.isoformat()}T00:00:00.000Z"
    found = list(_text_answers(blueprint, speak, stamp))
    found += [one for risk in risks(blueprint) for one in _risk_answers(risk, speak, stamp)]
    measures = {one.id: one for risk in risks(blueprint) for one in risk.measures}
    document = {
        "pia": _head(blueprint, speak, stamp),
        "answers": found,
        "measures": [
            {
                "title": speak.word(one.name),
                "content": _html(speak.word(one.description)),
                "placeholder": "measures.default_placeholder",
                "created_at": stamp,
            }
            for one in measures.values()
        ],
        "evaluations": [],
        "comments": [],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _head(blueprint: Blueprint, speak: Speak, stamp: str) -> dict[str, str | int | bool]:
    notes = blueprint.privacy.dpia
    controller = blueprint.privacy.controller
    return {
        "name": speak.word(blueprint.about.name),
        "category": "",
        "author_name": controller.contact or "" if controller else "",
        "evaluator_name": controller.dpo or "" if controller else "",
        "validator_name": (notes.validated_by or "") if notes else "",
        "dpos_names": notes.dpo.by if notes and notes.dpo else "",
        "dpo_status": 1 if notes and notes.dpo else 0,
        "dpo_opinion": speak.word(notes.dpo.text) if notes and notes.dpo else "",
        "people_names": notes.people.by if notes and notes.people else "",
        "concerned_people_searched_opinion": bool(notes and notes.people),
        "concerned_people_searched_content": "",
        "concerned_people_opinion": speak.word(notes.people.text) if notes and notes.people else "",
        "concerned_people_status": 1 if notes and notes.people else 0,
        "rejection_reason": "",
        "applied_adjustments": "",
        "status": 0,
        "is_example": 0,
        "created_at": stamp,
    }


def _text_answers(blueprint: Blueprint, speak: Speak, stamp: str) -> Iterator[_Answer]:
    for number, lines in answers(blueprint, speak).items():
        yield _answer(number, stamp, text=_html("\n".join(lines)))


def _risk_answers(risk: RiskView, speak: Speak, stamp: str) -> Iterator[_Answer]:
    base = 300 + 10 * RISK_SECTIONS[risk.entry.id]
    lists = (
        [speak.word(one) for one in risk.impacts],
        [speak.word(one) for one in risk.threats],
        [speak.word(one) for one in risk.sources],
        [speak.word(one.name) for one in risk.measures],
    )
    for place, words in enumerate(lists, start=1):
        yield _answer(base + place, stamp, words=words)
    for place, because, level in (
        (5, risk.severity_because, risk.severity),
        (6, risk.likelihood_because, risk.likelihood),
    ):
        yield _answer(base + place, stamp, text=_html(_said(because, speak)), gauge=level)


def _answer(
    number: int,
    stamp: str,
    *,
    text: str | None = None,
    gauge: int | None = None,
    words: list[str] | None = None,
) -> _Answer:
    return {
        "reference_to": number,
        "data": {"text": text, "gauge": gauge, "list": words},
        "created_at": stamp,
    }


def _said(because: Text | Wording, speak: Speak) -> str:
    return speak.render(because) if isinstance(because, Text) else speak.word(because)


def _html(text: str) -> str:
    return "<br>".join(escape(line, quote=False) for line in text.splitlines())
