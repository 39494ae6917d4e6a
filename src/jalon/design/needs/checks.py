"""What `jalon check` says of needs, and of the tests that verify them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.needs.cases import check_cases
from jalon.design.needs.duplicates import check_duplicates
from jalon.design.needs.links import check_links
from jalon.design.needs.measures import check_measures
from jalon.design.needs.reviewed import check_reviews
from jalon.design.needs.systems import check_systems
from jalon.design.needs.wording import check_wording
from jalon.vocab.finding import Remark


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    yield from check_wording(blueprint.about)
    yield from check_measures(blueprint.about)
    yield from check_links(blueprint)
    yield from check_duplicates(blueprint.about.requirements)
    yield from check_systems(blueprint, today)
    yield from check_cases(blueprint)
    yield from check_reviews(blueprint)
