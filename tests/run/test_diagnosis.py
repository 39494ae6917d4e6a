"""Why is it silent? Each cause as the story of a device."""

from __future__ import annotations

from datetime import date

import pytest

from jalon.run.batch import DeadLetter, Reason
from jalon.run.diagnosis import diagnose
from jalon.run.journal import REFUSALS, Kind, Note
from jalon.run.links import LinkState
from jalon.run.suspicion import Facts, Gateway, Likelihood, Proof, Suspicion, Way
from jalon.vocab.text import Text

NOW = 1_780_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
GOOD = Proof(usable=True)


def first(facts: Facts) -> Suspicion:
    """The most certain cause."""
    return diagnose(facts)[0]


def causes(facts: Facts) -> list[str]:
    """The names of the causes, the most certain first."""
    return [one.cause for one in diagnose(facts)]


def told(suspicion: Suspicion) -> str:
    """Everything it says, in English."""
    return " ".join(map(str, (suspicion.says, *suspicion.evidence, suspicion.advice)))


def silent(way: Way = Way.OWN, **known: object) -> Facts:
    """A device last heard two hours ago that should report every ten minutes."""
    given: dict[str, object] = {"heard_ms": NOW - 2 * HOUR, "value_ms": NOW - 2 * HOUR}
    if way is Way.OWN:
        given["proof"] = GOOD
    return Facts("fridge-3", NOW, True, way, **(given | known))  # type: ignore[arg-type]


def reporting(**known: object) -> Facts:
    """A device heard a minute ago."""
    given: dict[str, object] = {"heard_ms": NOW - MINUTE, "value_ms": NOW - MINUTE, "proof": GOOD}
    return Facts("fridge-3", NOW, False, **(given | known))  # type: ignore[arg-type]


def test_a_device_that_reports_and_is_not_refused_is_suspected_of_nothing() -> None:
    assert diagnose(reporting()) == []


def test_a_gateway_that_is_down_takes_all_its_sensors_with_it() -> None:
    gateway = Gateway("School gateway", NOW - 2 * HOUR, is_silent=True)
    found = first(silent(Way.LORAWAN, gateways=[gateway], neighbours=31, quiet_neighbours=31))
    assert found.cause == "gateway-down"
    assert found.likelihood is Likelihood.CERTAIN
    assert "School gateway was last heard at" in told(found)
    assert "31 of 31" in told(found)


def test_a_silent_gateway_is_only_likely_while_others_are_still_heard() -> None:
    gateway = Gateway("School gateway", None, is_silent=True)
    found = first(silent(Way.LORAWAN, gateways=[gateway], neighbours=31, quiet_neighbours=3))
    assert (found.cause, found.likelihood) == ("gateway-down", Likelihood.LIKELY)
    assert "never heard" in told(found)


def test_a_gateway_that_works_is_not_blamed() -> None:
    gateway = Gateway("School gateway", NOW, is_silent=False)
    assert causes(silent(Way.LORAWAN, gateways=[gateway], neighbours=4)) == ["unexplained"]


def test_a_whole_site_without_power_is_told_as_one() -> None:
    found = first(silent(neighbours=5, quiet_neighbours=5))
    assert (found.cause, found.likelihood) == ("site-down", Likelihood.LIKELY)
    assert "5 of 5" in told(found)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.WRONG_SECRET, "wrong password"),
        (Kind.NO_CREDENTIAL, "never given a credential"),
        (Kind.REVOKED, "was revoked"),
        (Kind.EXPIRED, "has expired"),
        (Kind.UNTRUSTED_CERTIFICATE, "nobody we trust"),
        (Kind.CLIENT_ID_OF_ANOTHER, "client id of another"),
        (Kind.NOT_ENCRYPTED, "without encryption"),
        (Kind.OVER_RATE, "more often than it may"),
        (Kind.REPLAYED, "was used before"),
        (Kind.PAYLOAD_REFUSED, "cannot be used"),
        (Kind.CODEC_SUSPENDED, "too much time or memory"),
    ],
)
def test_a_device_refused_since_it_was_heard_is_told_why(kind: Kind, words: str) -> None:
    note = Note(kind, NOW - HOUR, "fridge-3", address="192.0.2.9", count=12, last_ms=NOW - MINUTE)
    found = first(silent(notes=[note]))
    assert (found.cause, found.likelihood) == (kind.value, Likelihood.CERTAIN)
    assert words in told(found)
    assert "Refused 12 times" in told(found)
    assert "192.0.2.9" in told(found)


def test_a_wrong_password_between_two_good_messages_is_somebody_else() -> None:
    note = Note(Kind.WRONG_SECRET, NOW - HOUR, "fridge-3", address="203.0.113.5")
    found = first(reporting(first_heard_ms=NOW - DAY, notes=[note]))
    assert found.cause == "somebody-else"
    assert "203.0.113.5" in told(found)


def test_a_wrong_password_that_was_corrected_is_forgotten() -> None:
    note = Note(Kind.WRONG_SECRET, NOW - HOUR, "fridge-3")
    assert diagnose(reporting(first_heard_ms=NOW - HOUR + MINUTE, notes=[note])) == []


def test_a_device_refused_before_its_silence_is_noticed_says_so_at_once() -> None:
    note = Note(Kind.REVOKED, NOW - MINUTE // 2, "fridge-3")
    assert first(reporting(first_heard_ms=NOW - DAY, notes=[note])).cause == "revoked"


def test_who_tries_with_a_wrong_password_has_not_simply_never_connected() -> None:
    note = Note(Kind.WRONG_SECRET, NOW - HOUR, "fridge-3")
    assert causes(Facts("fridge-3", NOW, True, proof=GOOD, notes=[note])) == ["wrong-secret"]


def test_a_refusal_of_last_week_explains_nothing_today() -> None:
    note = Note(Kind.WRONG_SECRET, NOW - 7 * DAY, "fridge-3")
    assert causes(reporting(notes=[note])) == []
    assert causes(silent(notes=[note])) == ["unexplained"]


def test_publishing_to_the_wrong_topic_is_told_with_the_right_one() -> None:
    note = Note(Kind.PUBLISH_DENIED, NOW - HOUR, "fridge-3", detail={"topic": "sensors/3/temp"})
    found = first(silent(notes=[note]))
    assert found.cause == "publish-denied"
    assert "sensors/3/temp" in told(found)
    assert "v1/fridge-3/telemetry" in told(found)


@pytest.mark.parametrize(
    ("reason", "cause", "words"),
    [
        (Reason.CODEC, "codec", "codec of its type"),
        (Reason.CODEC_LIMIT, "codec", "codec of its type"),
        (Reason.MALFORMED, "unreadable", "cannot be read"),
        (Reason.UNKNOWN_PROPERTY, "misfit", "do not fit"),
        (Reason.FUTURE, "clock", "clock is wrong"),
        (Reason.REPLAYED, "replayed", "used before"),
        (Reason.BUG, "bug", "Jalon itself"),
    ],
)
def test_a_device_that_speaks_and_is_not_understood(reason: Reason, cause: str, words: str) -> None:
    letters = [
        DeadLetter("v1/fridge-3/frame/2", b"\x01", NOW - at * MINUTE, reason, "byte 3", "fridge-3")
        for at in (1, 11, 21)
    ]
    found = first(reporting(value_ms=NOW - 2 * HOUR, letters=letters))
    assert (found.cause, found.likelihood) == (cause, Likelihood.CERTAIN)
    assert words in told(found)
    assert "refused for this: 3" in told(found)
    assert "byte 3" in told(found)


def test_an_empty_battery_is_likely_and_a_low_one_possible() -> None:
    found = first(silent(battery=0.04))
    assert (found.cause, found.likelihood) == ("battery", Likelihood.LIKELY)
    assert "4%" in told(found)
    assert first(silent(battery=0.15)).likelihood is Likelihood.POSSIBLE
    assert "battery" not in causes(silent(battery=0.8))
    assert causes(reporting(battery=0.04)) == []


def test_a_weak_radio_is_told_with_its_margin_and_its_losses() -> None:
    found = first(silent(Way.LORAWAN, margin_db=1.2, lost=0.45))
    assert (found.cause, found.likelihood) == ("radio", Likelihood.LIKELY)
    assert "1.2 dB" in told(found)
    assert "45%" in told(found)
    assert "radio" not in causes(silent(Way.LORAWAN, margin_db=14.0, lost=0.02))


def test_a_link_that_is_down_takes_its_devices_with_it() -> None:
    state = LinkState(up=False, since_ms=NOW - 2 * HOUR, trouble=Text("no route to host"))
    found = first(silent(Way.LINK, link="plant", link_state=state))
    assert (found.cause, found.likelihood) == ("link-down", Likelihood.CERTAIN)
    assert "plant" in told(found)
    assert "no route to host" in told(found)
    assert first(silent(Way.LINK, link="plant")).cause == "link-missing"
    up = LinkState(up=True, since_ms=NOW - DAY)
    assert causes(silent(Way.LINK, link="plant", link_state=up)) == ["unexplained"]


def test_a_certificate_that_has_expired_is_told_before_anything_is_refused() -> None:
    found = first(silent(proof=Proof(usable=False, expires_ms=NOW - HOUR)))
    assert (found.cause, found.likelihood) == ("expired", Likelihood.CERTAIN)
    assert "Renew" in told(found)


def test_a_device_never_provisioned_cannot_have_connected() -> None:
    facts = Facts("fridge-3", NOW, True, proof=Proof(usable=False))
    assert causes(facts) == ["no-credential"]


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (Way.OWN, "never connected"),
        (Way.LORAWAN, "No frame of its DevEUI"),
        (Way.LINK, "never brought a value"),
    ],
)
def test_a_device_never_heard_is_told_what_to_do_first(way: Way, words: str) -> None:
    up = LinkState(up=True, since_ms=NOW - DAY) if way is Way.LINK else None
    proof = GOOD if way is Way.OWN else None
    found = first(Facts("fridge-3", NOW, True, way, proof=proof, link="plant", link_state=up))
    assert found.cause == "never-heard"
    assert words in told(found)


def test_a_device_that_joined_and_never_spoke() -> None:
    note = Note(Kind.JOINED, NOW - HOUR, "fridge-3")
    assert causes(Facts("fridge-3", NOW, True, Way.LORAWAN, notes=[note])) == ["joined-only"]


def test_when_jalon_does_not_listen_nobody_else_is_blamed_first() -> None:
    found = first(silent(trouble=["Broker"], neighbours=9, quiet_neighbours=9))
    assert (found.cause, found.likelihood) == ("jalon", Likelihood.CERTAIN)
    assert "site-down" not in causes(silent(trouble=["Broker"], neighbours=9, quiet_neighbours=9))


def test_a_retired_device_is_meant_to_be_silent() -> None:
    denied = Note(Kind.PUBLISH_DENIED, NOW - HOUR, "fridge-3", detail={"what": "elsewhere"})
    found = diagnose(silent(retired=date(2026, 3, 1), notes=[denied], neighbours=4))
    assert [(one.cause, one.likelihood) for one in found] == [("retired", Likelihood.CERTAIN)]


def test_a_retired_device_that_still_tries_is_told() -> None:
    note = Note(Kind.RETIRED, NOW - HOUR, "fridge-3", address="192.0.2.9", count=40)
    found = diagnose(silent(retired=date(2026, 3, 1), notes=[note]))
    assert "still tries to connect" in told(found[1])
    assert "192.0.2.9" in told(found[1])


def test_a_device_cut_off_by_us_has_to_come_back_with_its_new_credential() -> None:
    note = Note(Kind.DISCONNECTED_BY_US, NOW - HOUR, "fridge-3")
    assert first(silent(notes=[note])).cause == "disconnected"


def test_a_device_cut_off_for_saying_too_much_is_not_told_to_change_its_credential() -> None:
    note = Note(Kind.DISCONNECTED_BY_US, NOW - HOUR, "fridge-3", detail={"why": "rate"})
    assert first(silent(notes=[note])).cause == "unexplained"


def test_values_dated_long_before_they_arrive_cast_doubt_on_the_clock() -> None:
    assert causes(reporting(value_ms=NOW - 5 * HOUR)) == ["clock-behind"]


def test_when_nothing_is_known_that_is_said() -> None:
    found = first(silent())
    assert (found.cause, found.likelihood) == ("unexplained", Likelihood.POSSIBLE)
    assert "Last heard at 2026-05-28" in told(found)


def test_every_refusal_of_a_known_device_is_a_cause() -> None:
    of_nobody = {Kind.UNKNOWN_IDENTITY, Kind.CLAIM_REFUSED}
    for kind in REFUSALS - of_nobody:
        note = Note(kind, NOW - MINUTE, "fridge-3")
        retired = date(2026, 3, 1) if kind is Kind.RETIRED else None
        assert kind.value in causes(silent(notes=[note], retired=retired)), kind
    for reason in set(Reason) - {Reason.UNKNOWN_DEVICE, Reason.RETIRED}:
        letter = DeadLetter("v1/fridge-3/telemetry", b"", NOW - MINUTE, reason, "", "fridge-3")
        assert first(silent(letters=[letter])).cause != "unexplained", reason
