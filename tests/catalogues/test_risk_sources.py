"""Risk origins and target objectives: complete in both languages, and fitting each other."""

from __future__ import annotations

from jalon.catalogues.risk_sources import risk_sources, risk_sources_catalogue
from jalon.catalogues.target_objectives import target_objectives, target_objectives_catalogue
from jalon.design.ebios.proposals import WANTED


def test_every_origin_is_after_something_we_know() -> None:
    assert len(risk_sources()) == 11
    for source in risk_sources().values():
        assert source.aims, source.id
        assert {one.objective for one in source.aims} <= set(target_objectives())
        assert all(1 <= one.motivation <= 4 for one in source.aims)
        assert 1 <= source.resources <= 4


def test_every_objective_says_what_it_makes_people_go_for() -> None:
    assert set(WANTED) == set(target_objectives())


def test_both_say_that_they_were_not_compared_with_the_guide() -> None:
    for catalogue in (risk_sources_catalogue(), target_objectives_catalogue()):
        assert catalogue.to_check
        assert "ANSSI" in catalogue.source
