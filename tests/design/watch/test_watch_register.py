"""What concerns a solution, why, how much, and until when it has to be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jalon.app.solution import load
from jalon.catalogues.watch_words import Axis
from jalon.design.blueprint import Blueprint, Package
from jalon.design.spec.watch import Decision, Incident, WatchFile
from jalon.design.spec.watched import Affected, Scheme, Snapshot, VersionRange, WatchItem
from jalon.design.watch.calendar import milestones
from jalon.design.watch.checks import check
from jalon.design.watch.likeness import Corpus, named, tokens
from jalon.design.watch.matching import Sureness, matches
from jalon.design.watch.register import register
from jalon.design.watch.reporting import Progress, Step, deadlines
from jalon.design.watch.scoring import score
from jalon.vocab.finding import Severity

EXAMPLES = Path(__file__).parents[3] / "examples"
TODAY = date(2026, 11, 23)
PURL = "pkg:pypi/paho-example"


@pytest.fixture(scope="module")
def school() -> Blueprint:
    """The schools without what they watch."""
    found = load(EXAMPLES / "school-air").blueprint
    return replace(found, watch=WatchFile(), snapshots=(), packages=())


def item(title: str = "News", text: str = "", **more: Any) -> WatchItem:
    return WatchItem(id="s:1", source="s", title=title, text=text, **more)


def advisory(**more: Any) -> WatchItem:
    fixed = (VersionRange("0", fixed="2.0"),)
    words: dict[str, Any] = {"purl": PURL, "scheme": Scheme.PEP440, "ranges": fixed}
    return item("A flaw", advisory=True, affected=(Affected("paho-example", **words | more),))


def sureness(one: WatchItem, *packages: Package, school: Blueprint) -> list[Sureness]:
    found = matches(one, replace(school, packages=packages), TODAY)
    return [each.sureness for each in found if each.kind == "package"]


def test_a_package_with_an_affected_version_is_certain(school: Blueprint) -> None:
    bad = Package("Paho_Example", "1.9", f"{PURL}@1.9")
    assert sureness(advisory(), bad, school=school) == [Sureness.CERTAIN]


def test_a_sound_version_is_left_in_peace(school: Blueprint) -> None:
    sound = Package("paho-example", "2.0", f"{PURL}@2.0")
    one = replace(advisory(), title="A flaw in LoRaWAN gateways")
    assert matches(one, replace(school, packages=(sound,)), TODAY) == []


def test_a_name_alone_is_to_check(school: Blueprint) -> None:
    nameless = Package("paho-example", "1.9")
    assert sureness(advisory(), nameless, school=school) == [Sureness.TO_CHECK]
    odd = Package("paho-example", "from git", PURL)
    assert sureness(advisory(), odd, school=school) == [Sureness.TO_CHECK]
    other = Package("paho-example", "1.9", "pkg:npm/paho-example@1.9")
    assert sureness(advisory(), other, school=school) == [], "another registry, another package"


def test_a_technology_that_is_named_is_likely(school: Blueprint) -> None:
    found = matches(item("LoRaWAN gets a relay"), school, TODAY)
    assert ("technology", "LoRaWAN", Sureness.LIKELY) in [
        (one.kind, one.name, one.sureness) for one in found
    ]
    assert matches(item("A film festival opens"), school, TODAY) == []


def test_shared_words_lead_to_a_requirement_in_both_languages(school: Blueprint) -> None:
    for text in (
        "Une panne d'internet ne doit faire perdre aucune mesure à la passerelle",
        "A day without internet should lose no measurement of the gateway",
    ):
        found = [one for one in matches(item(text), school, TODAY) if one.kind == "requirement"]
        assert found[0].name == "R-CUT"
        assert found[0].sureness is Sureness.TO_CHECK
        assert "passerelle" in found[0].why or "gateway" in found[0].why


def test_words() -> None:
    assert tokens("Les capteurs d'hiver : CO₂ > 800 ppm !") == [
        "capteur",
        "hiver",
        "co2",
        "800",
        "ppm",
    ]
    assert named(["MQTT", "TLS 1.3", "Lora"], "LoRaWAN over MQTT, with TLS 1.3.") == [
        "MQTT",
        "TLS 1.3",
    ]
    corpus = Corpus({"a": "battery life of sensors", "b": "colour of pages"})
    best = corpus.alike("the sensor's battery")[0]
    assert (best.target, set(best.words)) == ("a", {"battery", "sensor"})
    assert corpus.alike("nothing shared whatsoever") == []


def test_weights_come_from_words_severity_and_exploitation() -> None:
    plain = score(item("A new regulation", "Mandatory from 2028, with fines; inspection follows."))
    assert plain.risk == {Axis.PERFORMANCE: 0, Axis.SECURITY: 0, Axis.CONFORMITY: 2}
    assert [score(item(cvss=one)).risk[Axis.SECURITY] for one in (0.0, 5.0, 7.0, 9.8)] == [
        0,
        1,
        2,
        3,
    ]
    assert score(item(cvss=4.0, exploited=True)).risk[Axis.SECURITY] == 3


def decided(**more: Any) -> Decision:
    words = {"id": "W", "item": "s:1", "decision": "hold", "reason": "R", "by": "IT", "on": TODAY}
    return Decision.model_validate(words | more)


def test_a_weight_by_hand_goes_before_the_rules() -> None:
    found = score(item(cvss=9.8), decided(risk={"security": 1}))
    assert (found.risk[Axis.SECURITY], found.by_hand) == (1, True)
    assert score(item(cvss=9.8), decided()).by_hand is False


def watched(school: Blueprint, *items: WatchItem, on: date = TODAY, **more: Any) -> Blueprint:
    watch = WatchFile.model_validate(more)
    return replace(school, watch=watch, snapshots=[Snapshot("watch/s", "s", on, "0", items)])


def test_what_waits_comes_first_and_what_does_not_concern_is_counted(school: Blueprint) -> None:
    grave = replace(item("MQTT flaw", cvss=9.9), id="CVE-X", aliases=("GHSA-X",))
    mild = replace(item("MQTT idea"), id="s:2")
    done = replace(item("MQTT done", cvss=9.9), id="s:1")
    other = replace(item("Football"), id="s:4")
    found = register(watched(school, mild, done, other, grave, decisions=[decided()]), TODAY)
    assert [one.item.id for one in found.entries] == ["CVE-X", "s:2", "s:1"]
    assert (found.others, [one.item.id for one in found.undecided]) == (1, ["CVE-X", "s:2"])
    by_alias = watched(school, grave, decisions=[decided(item="GHSA-X")])
    assert register(by_alias, TODAY).undecided == []


def said(blueprint: Blueprint, day: date = TODAY) -> dict[str, tuple[Severity, tuple[Any, ...]]]:
    return {one.rule: (one.severity, one.at.path) for one in check(blueprint, day)}


def test_an_item_that_waits_too_long_is_a_warning(school: Blueprint) -> None:
    one = watched(school, item("MQTT news"), undecided_after=10)
    assert "watch.undecided" not in said(one, TODAY + timedelta(days=10))
    assert said(one, TODAY + timedelta(days=11))["watch.undecided"][0] is Severity.WARNING


def test_decisions_that_lead_nowhere(school: Blueprint) -> None:
    lost = decided(item="s:9", architecture=["D99"])
    found = said(watched(school, item("MQTT"), decisions=[lost]))
    assert found["watch.unknown-decision"] == (
        Severity.ERROR,
        ("decisions", 0, "architecture", 0),
    )
    assert found["watch.unknown-item"] == (Severity.WARNING, ("decisions", 0, "item"))
    idle = decided(decision="adopt")
    found = said(watched(school, item("MQTT"), decisions=[idle]))
    assert found["watch.idle-decision"] == (Severity.INFO, ("decisions", 0, "id"))


def test_the_examples_are_left_in_peace() -> None:
    for name in ("school-air", "cold-chain"):
        assert said(load(EXAMPLES / name).blueprint) == {}


AWARE = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)


def incident(**more: Any) -> Incident:
    words = {"id": "I", "kind": "exploited-vulnerability", "title": "T", "aware_at": AWARE}
    return Incident.model_validate(words | more)


def steps(one: Incident, hours: float) -> dict[Step, tuple[float | None, Progress]]:
    now = AWARE + timedelta(hours=hours)
    return {
        each.step: (
            None if each.due is None else (each.due - AWARE).total_seconds() / 3600,
            each.progress,
        )
        for each in deadlines(one, now)
    }


def test_the_countdown_of_an_exploited_vulnerability() -> None:
    assert steps(incident(), 23.9) == {
        Step.WARNING: (24, Progress.OPEN),
        Step.NOTIFICATION: (72, Progress.OPEN),
        Step.FINAL: (None, Progress.WAITING),
    }
    fixed = incident(
        fixed_at=AWARE + timedelta(hours=100),
        early_warning_at=AWARE + timedelta(hours=25),
        notification_at=AWARE + timedelta(hours=71),
    )
    assert steps(fixed, 100 + 14 * 24 + 1) == {
        Step.WARNING: (24, Progress.DONE_LATE),
        Step.NOTIFICATION: (72, Progress.DONE),
        Step.FINAL: (100 + 14 * 24, Progress.LATE),
    }


def test_the_final_report_of_an_incident_comes_a_month_after_the_notification() -> None:
    told = datetime(2027, 1, 31, 12, tzinfo=UTC)
    one = incident(kind="severe-incident", aware_at=told - timedelta(hours=1), notification_at=told)
    last = deadlines(one, told)[2]
    assert last.due == datetime(2027, 2, 28, 12, tzinfo=UTC)
    assert last.hours_left(told) == 28 * 24


def test_late_notifications_are_warnings_but_for_exercises(school: Blueprint) -> None:
    late = watched(school, incidents=[incident()])
    assert said(late)["watch.late-report"] == (Severity.WARNING, ("incidents", 0, "id"))
    drill = watched(school, incidents=[incident(exercise=True)])
    assert "watch.late-report" not in said(drill)


def test_the_calendar_counts_down(school: Blueprint) -> None:
    days = [one.on for one in milestones(school, TODAY) if one.on is not None]
    assert days == sorted(days)
    full = next(one for one in milestones(school, TODAY) if one.id == "cra-full")
    assert (full.on, full.days, full.sure) == (date(2027, 12, 11), 383, True)
    assert "end-2g-fr" not in [one.id for one in milestones(school, TODAY)]
    old = replace(school, watch=WatchFile(topics=["2G"]))
    closing = next(one for one in milestones(old, TODAY) if one.id == "end-2g-fr")
    assert closing.status == "to-check"
