"""What sources write becomes items; what is something else is refused, and never worse."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.feeds import NotUnderstood, read
from jalon.adapters.folder.sbom import NotCycloneDx, packages
from jalon.design.spec.watch import SourceKind
from jalon.design.spec.watched import Scheme, VersionRange

EXAMPLES = Path(__file__).parents[3] / "examples"
RSS = EXAMPLES / "school-air" / "watch" / "law.2026-11-20.xml"
ATOM = EXAMPLES / "cold-chain" / "watch" / "food.2026-11-20.xml"
NVD = {
    "format": "NVD_CVE",
    "vulnerabilities": [
        {
            "cve": {
                "id": "CVE-0000-00001",
                "published": "2026-11-01T10:00:00.000",
                "descriptions": [
                    {"lang": "es", "value": "No."},
                    {"lang": "en", "value": "An invented <b>overflow</b>."},
                ],
                "metrics": {"cvssMetricV31": [{"cvssData": {"baseScore": 9.1}}]},
                "cisaExploitAdd": "2026-11-03",
                "configurations": [
                    {
                        "nodes": [
                            {
                                "cpeMatch": [
                                    {
                                        "vulnerable": True,
                                        "criteria": "cpe:2.3:a:maker:bridge:*:*:*:*:*:*:*:*",
                                        "versionEndExcluding": "2.4",
                                    },
                                    {
                                        "vulnerable": False,
                                        "criteria": "cpe:2.3:h:maker:box:-:*:*:*:*:*:*:*",
                                    },
                                ]
                            }
                        ]
                    }
                ],
                "references": [{"url": "javascript:alert(1)"}, {"url": "https://maker.example/1"}],
            }
        }
    ],
}


@pytest.mark.parametrize(("path", "day"), [(RSS, date(2026, 11, 17)), (ATOM, date(2026, 11, 18))])
def test_rss_and_atom(path: Path, day: date) -> None:
    first = read(SourceKind.FEED, "law", path.read_bytes())[0]
    assert first.title.startswith("EXEMPLE : ")
    assert (first.published, first.source) == (day, "law")
    assert first.link.startswith("https://")
    again = read(SourceKind.FEED, "law", path.read_bytes())[0]
    assert again.id == first.id, "the same at every fetch"


def test_json_feed() -> None:
    path = EXAMPLES / "school-air" / "watch" / "radio.2026-11-20.json"
    items = read(SourceKind.JSON_FEED, "radio", path.read_bytes())
    assert [one.published for one in items] == [date(2026, 11, day) for day in (12, 15, 16)]


def test_osv_ranges() -> None:
    entry = {
        "id": "EXAMPLE-1",
        "aliases": ["CVE-0000-00002"],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "thing"},
                "ranges": [
                    {
                        "type": "ECOSYSTEM",
                        "events": [
                            {"introduced": "0"},
                            {"fixed": "1.2"},
                            {"introduced": "2.0"},
                            {"last_affected": "2.3"},
                        ],
                    },
                    {"type": "GIT", "events": [{"introduced": "abc"}]},
                ],
            }
        ],
        "database_specific": {"severity": "CRITICAL"},
    }
    (one,) = read(SourceKind.OSV, "osv", json.dumps({"vulns": [entry]}).encode())
    (affected,) = one.affected
    assert (affected.purl, affected.scheme) == ("pkg:pypi/thing", Scheme.PEP440)
    assert affected.ranges == (VersionRange("0", fixed="1.2"), VersionRange("2.0", last="2.3"))
    assert (one.cvss, one.aliases) == (9.5, ("CVE-0000-00002",))


def test_the_nvd() -> None:
    (one,) = read(SourceKind.NVD, "nvd", json.dumps(NVD).encode())
    assert (one.text, one.cvss, one.exploited) == ("An invented overflow .", 9.1, True)
    assert one.link == "https://maker.example/1", "no address that runs something"
    (affected,) = one.affected
    assert (affected.name, affected.purl, affected.ranges) == (
        "bridge",
        "",
        (VersionRange("0", fixed="2.4"),),
    )


def test_csaf() -> None:
    path = EXAMPLES / "cold-chain" / "watch" / "advisories.2026-11-20.json"
    (one,) = read(SourceKind.CSAF, "maker", path.read_bytes())
    assert (one.id, one.cvss) == ("EXAMPLE-CSAF-2026-01", 8.1)
    assert [each.name for each in one.affected] == ["example-cold-controller"]


@pytest.mark.parametrize("kind", list(SourceKind))
@pytest.mark.parametrize("content", [b"", b"<html><p>Sign in", b"[1, 2]", b'{"id": 1', b"null"])
def test_what_is_something_else_is_refused(kind: SourceKind, content: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read(kind, "s", content)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "affected",
                    "package",
                    "ranges",
                    "events",
                    "introduced",
                    "vulnerabilities",
                    "cve",
                    "metrics",
                    "nodes",
                    "configurations",
                    "cpeMatch",
                    "criteria",
                    "document",
                    "tracking",
                    "product_tree",
                    "branches",
                    "items",
                    "version",
                    "url",
                    "references",
                    "vulns",
                    "cvssMetricV31",
                    "cvssData",
                    "baseScore",
                    "scores",
                    "cvss_v3",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([one for one in SourceKind if one is not SourceKind.FEED]))
def test_whatever_json_comes_it_is_items_or_refused(content: object, kind: SourceKind) -> None:
    try:
        items = read(kind, "s", json.dumps(content).encode())
    except NotUnderstood:
        return
    assert all(one.source == "s" for one in items)


def test_a_bill_of_materials_with_parts_inside_parts(tmp_path: Path) -> None:
    inner = {"name": "inner", "version": "2", "purl": "pkg:generic/inner@2"}
    whole = {
        "bomFormat": "CycloneDX",
        "components": [{"group": "org", "name": "outer", "version": "1", "components": [inner]}],
    }
    path = tmp_path / "one.json"
    path.write_text(json.dumps(whole))
    found = [(one.name, one.version, one.purl) for one in packages(path)]
    assert found == [("org/outer", "1", ""), ("inner", "2", "pkg:generic/inner@2")]
    path.write_text('{"spdxVersion": "SPDX-2.3"}')
    with pytest.raises(NotCycloneDx):
        packages(path)


def test_a_feed_that_names_a_file_is_not_that_file() -> None:
    with pytest.raises(NotUnderstood):
        read(SourceKind.FEED, "law", str(RSS).encode())
