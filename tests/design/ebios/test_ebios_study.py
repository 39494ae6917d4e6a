"""The five workshops: what follows from the files, how likely attacks are, what remains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_study import SECURITY, STUDY, write_study

from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.ebios.ecosystem import Zone
from jalon.design.ebios.ecosystem_map import ecosystem_svg, legend
from jalon.design.ebios.operations import combined
from jalon.design.ebios.origins import relevance
from jalon.design.ebios.proposals import propose
from jalon.design.ebios.risks import total_cost
from jalon.design.ebios.sheets import MAIN, SHEETS, sheets
from jalon.design.ebios.sources import Source
from jalon.design.ebios.study import study
from jalon.design.scales import Risk
from jalon.design.spec.ebios import Action, EbiosFile, Phase
from jalon.vocab.entries import Wording

TODAY = date(2026, 6, 15)


def read(folder: Path, **files: str) -> Blueprint:
    """The small solution, some of its files different."""
    return load(write_study(folder, **files)).blueprint


def action(name: str, *after: str, join: str = "or") -> Action:
    """An action of a graph, of which only the order counts."""
    return Action.model_validate(
        {"id": name, "name": name, "phase": "enter", "asset": "x", "after": after, "join": join}
    )


def test_business_values_follow_from_objectives_and_data(tmp_path: Path) -> None:
    found = study(read(tmp_path, ebios="{}\n"))
    values = {one.id: one for one in found.values}
    assert list(values) == ["O1", "measurements", "personal-data"]
    assert values["O1"].assets == ("smoke", "server")
    assert values["measurements"].assets == ("smoke", "gate", "server", "page", "F1", "F2", "F3")
    assert {one.source for one in found.values} == {Source.DERIVED}
    assert not any(one.confirmed for one in found.events)


def test_supporting_assets_say_what_they_carry_and_who_reaches_them(tmp_path: Path) -> None:
    assets = {one.id: one for one in study(read(tmp_path)).assets}
    assert assets["smoke"].exposed
    assert not assets["server"].exposed
    assert assets["F1"].exposed, "one end of it stands in the open"
    assert assets["gate"].values == ("measurements",)
    assert assets["server"].owner == "Host Ltd"
    assert assets["keys"].left_out is not None


def test_needs_confirmed_by_hand_make_feared_events_and_written_ones_take_their_place(
    tmp_path: Path,
) -> None:
    event = "feared_events:\n  - {id: DEAF, value: O1, quality: availability, name: Nobody hears}\n"
    study_file = STUDY.replace("O1-availability", "DEAF") + event
    events = {one.id: one for one in study(read(tmp_path, ebios=study_file)).events}
    assert "O1-availability" not in events
    assert (events["DEAF"].gravity, events["DEAF"].confirmed) == (4, True)
    assert (events["O1-integrity"].gravity, events["O1-integrity"].confirmed) == (2, True)


@pytest.mark.parametrize(
    ("motivation", "resources", "activity", "level"),
    [
        (1, 1, None, 1),
        (2, 3, None, 3),
        (3, 4, None, 4),
        (4, 2, None, 3),
        (2, 3, 4, 4),
        (2, 3, 1, 2),
    ],
)
def test_relevance_follows_the_grid(
    motivation: int, resources: int, activity: int | None, level: int
) -> None:
    assert relevance(motivation, resources, activity) == level


def test_pairs_of_the_catalogue_wait_until_they_are_judged(tmp_path: Path) -> None:
    found = study(read(tmp_path)).origins
    judged = {(one.origin, one.objective) for one in found if one.retained is not None}
    waiting = [(one.origin, one.objective) for one in found if one.retained is None]
    assert ("avenger", "disruption") in judged
    assert len(waiting) == len(set(waiting)) > 10
    assert not judged & set(waiting)


def test_a_host_reaches_into_the_solution(tmp_path: Path) -> None:
    parties = {one.id: one for one in study(read(tmp_path)).stakeholders}
    host = parties["host-host-ltd"]
    assert (host.level, host.zone, host.judged) == (4.0, Zone.DANGER, True)
    assert host.assets == ("server",)
    assert parties["maker-smoke"].zone is Zone.CONTROL
    assert parties["neighbours"].zone is Zone.OUTSIDE


def test_the_map_says_in_words_what_it_draws(tmp_path: Path) -> None:
    parties = study(read(tmp_path)).stakeholders
    speak = language("en")
    lines = legend(parties, speak)
    svg = ecosystem_svg(parties, speak)
    assert lines[0] == "1. Host Ltd: threat level 4.0, zone danger"
    assert svg.count('text-anchor="middle">1<') == 1
    assert svg.startswith("<svg")
    assert "style=" not in svg


def test_all_of_them_or_one_of_them() -> None:
    levels = {"a": 4, "b": 1, "c": 3}
    assert combined([action("a"), action("b"), action("c", "a", "b")], levels) == 3
    assert combined([action("a"), action("b"), action("c", "a", "b", join="and")], levels) == 1
    assert combined([], levels) is None


@given(
    levels=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    edges=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12),
    joins=st.lists(st.sampled_from(["or", "and"]), min_size=6, max_size=6),
)
def test_no_attack_is_likelier_than_its_likeliest_step_even_in_circles(
    levels: Sequence[int], edges: Sequence[tuple[int, int]], joins: Sequence[str]
) -> None:
    names = [f"a{place}" for place in range(len(levels))]
    after = {name: [] for name in names}  # type: dict[str, list[str]]
    for start, end in edges:
        if start < len(names) and end < len(names):
            after[names[end]].append(names[start])
    actions = [
        action(name, *after[name], join=join) for name, join in zip(names, joins, strict=False)
    ]
    found = combined(actions, dict(zip(names, levels, strict=True)))
    assert found is not None
    assert min(levels) <= found <= max(levels)
    lower = combined(actions, dict.fromkeys(names, 1))
    assert lower == 1


def risks_of(blueprint: Blueprint) -> tuple[Risk, Risk, Risk]:
    """Without controls, today, once the plan is carried out."""
    line = study(blueprint).risks[0]
    assert line.initial is not None
    assert line.today is not None
    assert line.planned is not None
    return line.initial.level, line.today.level, line.planned.level


def test_a_control_counts_once_it_is_there_more_when_proved_and_not_when_its_test_fails(
    tmp_path: Path,
) -> None:
    passed = "results:\n  - {case: T1, verdict: passed, on: 2026-06-01}\n"
    failed = passed.replace("passed", "failed")
    likelihoods = []
    for place, results in enumerate(("results: []\n", passed, failed)):
        line = study(read(tmp_path / str(place), results=results)).risks[0]
        assert line.today is not None
        likelihoods.append(int(line.today.likelihood))
        assert line.failed == (("seal",) if results == failed else ())
    assert likelihoods == [3, 2, 3]
    assert risks_of(read(tmp_path / "0")) == (Risk.HIGH, Risk.HIGH, Risk.MEDIUM)


def test_measures_that_soften_the_blow_lower_gravity(tmp_path: Path) -> None:
    softened = STUDY.replace("measures: [second], acc", "gravity_measures: [seal], acc")
    line = study(read(tmp_path, ebios=softened)).risks[0]
    assert line.initial is not None
    assert line.today is not None
    assert (line.initial.gravity, line.today.gravity) == (4, 3)


def test_a_judgement_of_the_whole_counts_in_the_express_method(tmp_path: Path) -> None:
    express = "study: {method: express}" + STUDY.replace(
        "strategic: S1\n", "strategic: S1\n    likelihood: 2\n"
    )
    assert study(read(tmp_path, ebios=express)).operations[0].initial == 2


def test_difficulty_counts_in_the_advanced_method(tmp_path: Path) -> None:
    hard = STUDY.replace("likelihood: 3, after: [A1]", "likelihood: 3, difficulty: 4, after: [A1]")
    assert study(read(tmp_path / "a", ebios=hard)).operations[0].initial == 3
    advanced = "study: {method: advanced}" + hard
    assert study(read(tmp_path / "b", ebios=advanced)).operations[0].initial == 1


def test_the_grid_is_the_studys(tmp_path: Path) -> None:
    mild = "study: {grid: [[1,1,1,1], [1,1,1,1], [1,1,1,1], [1,1,1,1]]}" + STUDY
    assert risks_of(read(tmp_path, ebios=mild)) == (Risk.LOW, Risk.LOW, Risk.LOW)


def test_the_plan_is_sorted_by_day_and_sums_up(tmp_path: Path) -> None:
    plan = study(read(tmp_path)).plan
    assert [one.control.id for one in plan] == ["second", "seal"]
    assert [one.late(TODAY) for one in plan] == [True, False]
    assert plan[0].stakeholders == ("host-host-ltd",)
    assert total_cost(plan) == Decimal("420.50")


def test_every_table_is_there_and_every_workshop_has_one(tmp_path: Path) -> None:
    found = sheets(read(tmp_path), TODAY)
    assert tuple(one.id for one in found) == SHEETS
    assert {one.workshop: one.id for one in found if one.id in MAIN.values()} == MAIN
    for one in found:
        table = one.table(language("fr"))
        assert all(len(row) == len(table.header) for row in table.rows), one.id


def test_a_draft_leads_from_what_strangers_reach_to_what_matters(tmp_path: Path) -> None:
    blueprint = read(tmp_path, ebios="business_values: [{id: O1, needs: {availability: 3}}]\n")
    draft = propose(blueprint, [language("en"), language("fr")])
    assert [one.feared_event for one in draft.strategic] == ["O1-availability"]
    ways = [[step.asset for step in way.actions] for way in draft.operational]
    assert ways == [["smoke", "smoke", "smoke"], ["smoke", "smoke", "gate", "server", "server"]]
    last = draft.operational[-1].actions[-1]
    assert (last.phase, last.name) == (Phase.EXPLOIT, Wording(fr=last.name.fr, en="Stop Server"))
    assert last.threats
    merged = EbiosFile(
        business_values=blueprint.ebios.business_values,
        pairs=list(draft.pairs),
        strategic_scenarios=list(draft.strategic),
        operational_scenarios=list(draft.operational),
    )
    assert merged.pairs[0].retained


def test_a_study_that_lacks_nothing_gets_no_draft(tmp_path: Path) -> None:
    assert propose(read(tmp_path), [language("en")]).empty


def test_standards_make_the_baseline(tmp_path: Path) -> None:
    written = STUDY + "baseline:\n  - {id: house-rules, status: partly, gaps: [No lock]}\n"
    blueprint = read(tmp_path, ebios=written, security="standards: [etsi-en-303-645]" + SECURITY)
    (sheet,) = [one for one in sheets(blueprint, TODAY) if one.id == "baseline"]
    rows = {row[0]: row for row in sheet.table(language("en")).rows}
    assert rows["etsi-en-303-645"][-1] == "derived"
    assert rows["house-rules"][2:] == ["partly applied", "No lock", "written"]
