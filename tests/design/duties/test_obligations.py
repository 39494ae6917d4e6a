"""Which obligations apply, by which facts, and what is said when nobody knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.app.solution import load
from jalon.catalogues.regulations import Condition, LawStatus, regulations
from jalon.design.blueprint import Blueprint
from jalon.design.duties.facts import Fact, facts
from jalon.design.duties.obligations import (
    Applies,
    ObligationReport,
    Standing,
    decide,
    obligations,
    unanswered,
)
from jalon.design.duties.product import cra_class, data_sheet
from jalon.design.duties.screening import screen
from jalon.design.spec.regulation import (
    Answer,
    FactAnswer,
    ProductDeclaration,
    ProductFunction,
    RegulationFile,
)
from jalon.vocab.entries import Wording
from jalon.vocab.text import Text

EXAMPLES = Path(__file__).parents[3] / "examples"
TODAY = date(2026, 11, 23)


def example(name: str) -> Blueprint:
    return load(EXAMPLES / name).blueprint


def answered(name: str, *answers: tuple[str, Answer], **product: object) -> Blueprint:
    """The example with nothing but these answers."""
    found = example(name)
    said = [FactAnswer(id=fact, answer=answer) for fact, answer in answers]
    declared = ProductDeclaration.model_validate(product) if product else None
    return Blueprint(
        about=found.about,
        architecture=found.architecture,
        privacy=found.privacy,
        regulation=RegulationFile(answers=said, product=declared),
        things=found.things,
    )


def report(blueprint: Blueprint, which: str, today: date = TODAY) -> ObligationReport:
    return next(one for one in obligations(blueprint, today) if one.id == which)


def fact(value: bool | None) -> Fact:
    return Fact("f", Wording(fr="?", en="?"), value, Text("because"))


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=3), st.data())
def test_a_condition_is_never_decided_on_what_is_not_known(
    names: list[str], data: st.DataObject
) -> None:
    values = {
        name: fact(data.draw(st.sampled_from([True, False, None]))) for name in ("a", "b", "c")
    }
    kinds = st.sampled_from(["all", "any", "none"])
    groups: dict[str, list[str]] = {"all": [], "any": [], "none": []}
    for name in names:
        groups[data.draw(kinds)].append(name)
    applies, _, missing = decide(Condition.model_validate(groups), values)
    outcomes = set()
    for guess in ((x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)):
        world = {
            name: known.value if known.value is not None else bool(at)
            for (name, known), at in zip(values.items(), guess, strict=True)
        }
        outcomes.add(
            all(world[n] for n in groups["all"])
            and (not groups["any"] or any(world[n] for n in groups["any"]))
            and not any(world[n] for n in groups["none"])
        )
    if applies is Applies.UNKNOWN:
        assert missing
    else:
        assert outcomes == {applies is Applies.YES}


def test_the_catalogue_speaks_of_facts_that_exist() -> None:
    known = {one.id for one in regulations().facts}
    for law in regulations().regulations:
        for one in law.obligations:
            assert {*one.when.all, *one.when.any, *one.when.none} <= known, one.id
            assert {one.name.fr, one.name.en}.isdisjoint({None, ""})
            assert (
                one.since
                or one.status is not LawStatus.IN_FORCE
                or law.id
                in (
                    "eprivacy",
                    "accessibility-fr",
                )
            )


def test_a_product_on_the_market_owes_the_cra_with_a_countdown() -> None:
    sold = answered("school-air", ("placed-on-market", Answer.YES))
    annex = report(sold, "cra-annex1-1")
    assert annex.applies is Applies.YES
    assert annex.days == (date(2027, 12, 11) - TODAY).days
    assert not annex.in_force
    assert report(sold, "cra-14").in_force, "reporting has begun"
    assert report(sold, "red-3-3-d").applies is Applies.YES
    assert report(sold, "da-3-1").applies is Applies.UNKNOWN


def test_what_nobody_answered_is_asked_for_and_decides_nothing() -> None:
    silent = answered("school-air")
    assert report(silent, "cra-14").applies is Applies.UNKNOWN
    asked = {one.id for one in unanswered(silent, TODAY)}
    assert {"placed-on-market", "public-body", "nis2-entity"} <= asked
    hint = facts(silent)["public-body"].hint
    assert hint is not None
    assert "commune" in str(hint)


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
def test_the_examples_leave_nothing_open(name: str) -> None:
    found = obligations(example(name), TODAY)
    assert not unanswered(example(name), TODAY)
    assert [one.id for one in found if one.standing is Standing.OPEN and one.in_force] == []
    proposal = next(one for one in found if one.id == "gdpr-33-omnibus")
    assert proposal.law is LawStatus.PROPOSAL


def test_a_location_of_employees_calls_for_an_assessment_and_a_room_does_not() -> None:
    cold, school = screen(example("cold-chain")), screen(example("school-air"))
    assert cold.needed
    assert {one.id for one in cold.met} == {"monitoring", "sensitive", "vulnerable", "innovative"}
    assert not school.needed
    assert all(str(one.because) for one in (*cold.criteria, *school.criteria))


def test_the_heaviest_main_function_gives_the_class() -> None:
    functions = [
        ProductFunction(id="home-security", main=True),
        ProductFunction(id="firewall"),
    ]
    sold = answered("school-air", functions=functions)
    proposal = cra_class(sold)
    assert proposal.class_ == "important-1", "a firewall beside the main function does not count"
    assert {one.id for one in proposal.grounds} == {"home-security", "firewall"}
    assert cra_class(example("school-air")).class_ == "default"


def test_the_data_sheet_counts_values_and_bytes_from_flows() -> None:
    sheet = data_sheet(example("school-air"))
    co2 = next(one for one in sheet.rows if (one.thing, one.property) == ("air-sensor", "co2"))
    assert co2.per_day == 144
    assert co2.days == 1096
    assert dict(sheet.bytes_per_day)["air-sensor"] > 1000
