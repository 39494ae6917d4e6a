"""Versions in their order, and ranges that do not guess."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.design.spec.watched import Affected, Scheme, VersionRange
from jalon.design.watch.versions import compare, is_affected

ORDERED = {
    # The order of semver.org, rule 11.
    Scheme.SEMVER: "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2"
    " 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0 2.0.0",
    # PEP 440, "summary of permitted suffixes and relative ordering".
    Scheme.PEP440: "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2"
    " 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0.post456.dev34"
    " 1.0.post456 1.0.15 1.1.dev1 1!0.1",
    # Debian Policy, 5.6.12.
    Scheme.DEB: "1.0~beta1~svc1 1.0~beta1 1.0~rc1 1.0 1.0-1 1.0-1+b1 1.0-2 1.0a 1.1 1.10 1:0.4",
}


@pytest.mark.parametrize("scheme", list(ORDERED))
def test_the_published_orders_are_kept(scheme: Scheme) -> None:
    for older, newer in pairwise(ORDERED[scheme].split()):
        assert compare(older, newer, scheme) == -1, (older, newer)
        assert compare(newer, older, scheme) == 1, (older, newer)
        assert compare(older, older, scheme) == 0


@pytest.mark.parametrize(
    ("one", "other", "scheme"),
    [
        ("1.0", "1.0.0", Scheme.PEP440),
        ("v1.2.3", "1.2.3+build7", Scheme.SEMVER),
        ("0:1.0-1", "1.0-1", Scheme.DEB),
        ("1.0", "1.00", Scheme.DEB),
    ],
)
def test_written_otherwise_and_the_same(one: str, other: str, scheme: Scheme) -> None:
    assert compare(one, other, scheme) == 0


def test_what_has_no_order_is_not_guessed() -> None:
    assert compare("2024-R2", "2025-R1", Scheme.UNKNOWN) is None
    assert compare("about 1.0", "1.1", Scheme.SEMVER) is None
    assert compare("same", "same", Scheme.UNKNOWN) == 0


def test_ranges() -> None:
    ranges = (VersionRange("1.0", fixed="1.4"), VersionRange("2.0", last="2.2"))
    one = Affected("p", scheme=Scheme.PEP440, ranges=ranges, versions=("0.7",))
    hits = {
        version: is_affected(one, version)
        for version in ("0.7", "0.9", "1.0", "1.3.9", "1.4", "2.2", "2.2.1", "odd", "")
    }
    assert hits == {
        "0.7": True,
        "0.9": False,
        "1.0": True,
        "1.3.9": True,
        "1.4": False,
        "2.2": True,
        "2.2.1": False,
        "odd": None,
        "": None,
    }
    assert is_affected(Affected("p"), "1.0") is None, "nothing is said of versions"
    assert is_affected(Affected("p", ranges=(VersionRange(),)), "1.0") is True, "all of them"


TEXTS = st.text("0123456789.-~+:abrc", min_size=1, max_size=12)


@given(TEXTS, TEXTS, st.sampled_from([Scheme.SEMVER, Scheme.PEP440, Scheme.DEB]))
def test_the_order_has_two_sides(one: str, other: str, scheme: Scheme) -> None:
    there, back = compare(one, other, scheme), compare(other, one, scheme)
    assert there is None if back is None else there == -back
