"""How long things are kept: the longest purpose decides, and nothing gets older than promised."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.duties.retention import erased_before, retention, retention_values
from jalon.design.specification.commitments import commitments
from jalon.design.values import Outcome, held
from jalon.vocab.times import DAY_MS

EXAMPLES = Path(__file__).parents[3] / "examples"
HOUR = 3_600_000
lengths = st.integers(0, 4000 * DAY_MS)
moments = st.integers(1_600_000_000_000, 2_000_000_000_000)


def cold() -> Blueprint:
    return load(EXAMPLES / "cold-chain").blueprint


@given(lengths, moments)
def test_nothing_gets_older_than_it_may_and_little_goes_early(keep: int, now: int) -> None:
    cut = erased_before(keep, now)
    assert now - keep <= cut <= now, "what is older has gone"
    early = cut - (now - keep)
    assert early <= max(min(keep / 50, DAY_MS), 60_000)


@given(lengths, moments, st.integers(0, 30 * DAY_MS))
def test_the_limit_never_goes_back(keep: int, now: int, later: int) -> None:
    assert erased_before(keep, now + later) >= erased_before(keep, now)


def test_long_times_move_once_a_day() -> None:
    now = 1_790_000_000_000
    cuts = {erased_before(60 * DAY_MS, now + hour * HOUR) for hour in range(24)}
    assert len(cuts) == 2
    assert all(cut % DAY_MS == 0 for cut in cuts)


def test_each_property_goes_by_the_purposes_that_need_it() -> None:
    kept = retention(cold())
    assert kept["truck", "location"].days == 60
    assert kept["truck", "location"].why == ("rounds",)
    assert kept["cabinet", "door"].days == 30
    assert kept["cabinet", "temperature"].days == 1096


def test_a_purpose_without_an_end_keeps_and_a_longer_one_decides() -> None:
    blueprint = cold()
    one = next(p for p in blueprint.privacy.processings if p.id == "rounds")
    longer = one.model_copy(update={"id": "claims", "retention": 90 * DAY_MS})
    endless = one.model_copy(update={"id": "art", "retention": None})
    for more, days in ((longer, 90.0), (endless, None)):
        privacy = blueprint.privacy
        processings = [*privacy.processings, more]
        changed = Blueprint(
            about=blueprint.about,
            architecture=blueprint.architecture,
            privacy=privacy.model_copy(update={"processings": processings}),
            things=blueprint.things,
        )
        kept = retention(changed).get(("truck", "location"))
        assert (kept.days if kept else None) == days


def privacy_with(**lists: list[object]) -> Blueprint:
    blueprint = cold()
    return Blueprint(
        about=blueprint.about,
        architecture=blueprint.architecture,
        privacy=blueprint.privacy.model_copy(update=lists),
        things=blueprint.things,
    )


def test_nothing_goes_while_the_record_does_not_fit_together() -> None:
    """What is misspelt or given twice may be the purpose that keeps longest."""
    privacy = cold().privacy
    assert retention(privacy_with()), "as it is written it lets go"
    first, *others = privacy.processings
    lost = first.model_copy(update={"data": ["lcation"]})
    twice = first.model_copy(update={"id": others[0].id, "retention": DAY_MS})
    for broken in ([lost, *others], [*privacy.processings, twice]):
        assert not retention(privacy_with(processings=list(broken)))
    data, *more = privacy.data
    for name in ("truk.location", "truck.lcation", "truck"):
        wrong = data.model_copy(update={"properties": [*data.properties, name]})
        assert not retention(privacy_with(data=[wrong, *more])), name
    again = data.model_copy(update={"id": more[0].id})
    assert not retention(privacy_with(data=[*privacy.data, again]))
    assert not retention(privacy_with(data=[], processings=[]))


def test_requirements_stand_beside_what_is_written_of_them() -> None:
    standing = {one.measure.subject: one.outcome for one in commitments(cold())}
    assert standing["retention.location"] is Outcome.KEPT
    assert standing["retention.temperature"] is Outcome.KEPT


def test_what_is_written_is_an_estimate_of_the_measures_about_it() -> None:
    values = {one.subject: one for one in retention_values(cold())}
    assert values["retention.location"].low == 59
    assert values["retention.location"].high == 60
    assert values["retention"].amount == 1096
    for requirement in cold().about.requirements:
        measure = requirement.measure
        if measure is not None and measure.subject in values:
            assert held(measure, values[measure.subject]).outcome is Outcome.KEPT, requirement.id
