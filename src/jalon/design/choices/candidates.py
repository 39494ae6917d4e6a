"""What is known of an option: what its author wrote, else what a catalogue says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jalon.catalogues.hardware import hardware
from jalon.catalogues.radios import Downlink, Mobility, Radio, radios
from jalon.catalogues.stores import stores
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.energy import life_with
from jalon.design.sizing.figures import Range
from jalon.design.spec.choices import Option, Question
from jalon.vocab.text import Names

_AFTER_UPLINK = float("inf")
"""A device that listens only after it spoke: no command can be promised a time."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An option with its facts; None is what nobody knows. Pairs are best and worst, times in
    seconds. `years` of battery is P10, P50, P90 from sizing, or one measured figure."""

    option: Option
    index: int
    names: Names
    payload_max: int | None = None
    messages_per_day: float | None = None
    uplink_s: float | None = None
    downlink_s: float | None = None
    budget_db: float | None = None
    mobility: Mobility | None = None
    end_to_end: bool | None = None
    rate_kbps: float | None = None
    ota_share: float | None = None
    years: Range | None = None
    cost_month: Decimal | None = None
    licence: str | None = None
    protocols: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    note: Names | None = None


def candidates(blueprint: Blueprint, question: Question) -> tuple[Candidate, ...]:
    """The options of a question."""
    return tuple(
        _candidate(blueprint, question, option, index)
        for index, option in enumerate(question.options)
    )


def _candidate(blueprint: Blueprint, question: Question, option: Option, index: int) -> Candidate:
    radio = radios().get(option.radio or "")
    store = stores().get(option.store or "")
    board = hardware().get(option.hardware or "")
    named = next((one.names for one in (radio, store, board) if one is not None), None)
    names = option.name.names if option.name else named or Names({"en": option.id})
    features = {*option.features, *(board.features if board else [])}
    protocols = option.protocols or (radio.protocols if radio else [])
    note = option.note.names if option.note else _note(radio)
    secured = "end-to-end" in features or None
    return Candidate(
        option,
        index,
        names,
        option.payload_max if option.payload_max is not None else _of(radio, "payload_max"),
        option.messages_per_day
        if option.messages_per_day is not None
        else _of(radio, "messages_per_day"),
        option.uplink_s if option.uplink_s is not None else (radio.uplink_s[1] if radio else None),
        option.downlink_s if option.downlink_s is not None else _downlink(radio),
        option.budget_db
        if option.budget_db is not None
        else (radio.budget_db[1] if radio and radio.budget_db else None),
        radio.mobility if radio else None,
        secured or (radio.security == "end-to-end" if radio else None),
        radio.rate_kbps[0] if radio else None,
        radio.ota_share if radio else None,
        _years(blueprint, question, option, radio),
        option.cost_month,
        option.licence or (store.licence if store and store.licence else None),
        tuple(protocols),
        tuple(sorted(features)),
        note,
    )


def _of(radio: Radio | None, name: str) -> int | None:
    value: int | None = getattr(radio, name) if radio else None
    return value


def _note(radio: Radio | None) -> Names | None:
    return Names({"fr": radio.fr_note, "en": radio.en_note}) if radio and radio.fr_note else None


def _downlink(radio: Radio | None) -> float | None:
    """Seconds at most; without bound for those that listen after an uplink only, and unknown for
    those that sleep as they were told."""
    if radio is None or radio.downlink is Downlink.SLEEPING:
        return None
    if radio.downlink is Downlink.AFTER_UPLINK:
        return _AFTER_UPLINK
    return radio.downlink_s[1] if radio.downlink_s else None


def _years(
    blueprint: Blueprint, question: Question, option: Option, radio: Radio | None
) -> Range | None:
    if option.battery_years is not None:
        return Range.of(option.battery_years)
    if radio is None or not radio.profile:
        return None
    for component in question.components:
        if life := life_with(blueprint, component, radio.profile):
            return life.years
    return None
