"""Causes that stand in the journal and among the dead letters: the device spoke and was refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jalon.run.batch import DeadLetter, Reason
from jalon.run.journal import Kind, Note
from jalon.run.links import telemetry_topic
from jalon.run.suspicion import Facts, Likelihood, Moment, Suspicion
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

RECENT_MS = DAY_MS
"""A refusal older than this explains nothing any more, unless nothing came after it."""


@dataclass(frozen=True, slots=True)
class _Words:
    says: str
    advice: str


_KINDS: Mapping[Kind, _Words] = {
    Kind.WRONG_SECRET: _Words(
        N_("It gives a wrong password or key."),
        N_("Put its password into the device again, or renew it: the new one is shown once."),
    ),
    Kind.NO_CREDENTIAL: _Words(
        N_("It tries to connect, but it was never given a credential."),
        N_("Issue a credential (Manage) and put it into the device."),
    ),
    Kind.REVOKED: _Words(
        N_("It still uses a credential that was revoked."),
        N_("Give it its present credential. If it was stolen, this is what should happen."),
    ),
    Kind.EXPIRED: _Words(
        N_("Its credential has expired."),
        N_("Renew the credential and put the new one into the device."),
    ),
    Kind.UNTRUSTED_CERTIFICATE: _Words(
        N_("It shows a certificate that nobody we trust has signed."),
        N_("Give it a certificate of Jalon, or make Jalon trust the authority that signed it."),
    ),
    Kind.CLIENT_ID_OF_ANOTHER: _Words(
        N_("It connects under the client id of another device."),
        N_("Set its MQTT client id to its own id, or leave it empty."),
    ),
    Kind.NOT_ENCRYPTED: _Words(
        N_("It connects without encryption, which is refused over a network."),
        N_("Switch TLS on in the device and give it the authority of the page Connections."),
    ),
    Kind.OVER_RATE: _Words(
        N_("It sends or connects more often than it may."),
        N_("Slow it down: look for a device that restarts again and again."),
    ),
    Kind.RETIRED: _Words(
        N_("It is out of service, yet it still tries to connect."),
        N_("Switch it off, or put it back into service."),
    ),
    Kind.SUBSCRIBE_DENIED: _Words(
        N_("It asks for topics that are not its own."),
        N_("Its commands are under v1/{device}/cmd; let it subscribe to nothing else."),
    ),
    Kind.PUBLISH_DENIED: _Words(
        N_("It publishes where it may not, and is not told so."),
        N_("Let it publish its values to {topic}."),
    ),
    Kind.PAYLOAD_REFUSED: _Words(
        N_("What it sends cannot be used, and it was told so."),
        N_("The reason stands beside it; compare with the properties of its type."),
    ),
    Kind.REPLAYED: _Words(
        N_("Its frame counter was used before."),
        N_("Let it join the network again. If it did not restart, somebody replays its frames."),
    ),
    Kind.CODEC_SUSPENDED: _Words(
        N_("The codec of its type was suspended: it took too much time or memory."),
        N_("Mend the codec; the refused messages wait on the page Health and can be replayed."),
    ),
}

INSIDE = frozenset(
    {
        Kind.PUBLISH_DENIED,
        Kind.SUBSCRIBE_DENIED,
        Kind.PAYLOAD_REFUSED,
        Kind.CODEC_SUSPENDED,
        Kind.OVER_RATE,
        Kind.REPLAYED,
    }
)
"""What is refused of a device that is let in: that it was heard since does not answer it."""

_CODEC = _Words(
    N_("The codec of its type cannot read what it sends."),
    N_("Compare codec and firmware version; mend the codec, then replay on the page Health."),
)
_UNREADABLE = _Words(
    N_("What it sends cannot be read."),
    N_("Look at the raw frames: it should send JSON, or its type needs a codec."),
)
_CLOCK = _Words(
    N_("Its clock is wrong: its values carry times that cannot be."),
    N_("Set its clock (NTP), or let it send no time: then the time of arrival counts."),
)
_MISFIT = _Words(
    N_("Its values do not fit what its type declares."),
    N_("Compare the raw frames with the properties of its type, their units and kinds."),
)
_LETTERS: Mapping[Reason, tuple[str, _Words]] = {
    Reason.CODEC: ("codec", _CODEC),
    Reason.CODEC_LIMIT: ("codec", _CODEC),
    Reason.MALFORMED: ("unreadable", _UNREADABLE),
    Reason.INVALID_UTF8: ("unreadable", _UNREADABLE),
    Reason.EMPTY: ("unreadable", _UNREADABLE),
    Reason.OVERSIZED: ("unreadable", _UNREADABLE),
    Reason.FUTURE: ("clock", _CLOCK),
    Reason.INVALID_TIME: ("clock", _CLOCK),
    Reason.UNKNOWN_PROPERTY: ("misfit", _MISFIT),
    Reason.WRONG_TYPE: ("misfit", _MISFIT),
    Reason.WRONG_UNIT: ("misfit", _MISFIT),
    Reason.NOT_A_NUMBER: ("misfit", _MISFIT),
    Reason.REPLAYED: ("replayed", _KINDS[Kind.REPLAYED]),
    Reason.RETIRED: ("retired", _KINDS[Kind.RETIRED]),
    Reason.UNKNOWN_TOPIC: ("publish-denied", _KINDS[Kind.PUBLISH_DENIED]),
    Reason.BUG: (
        "bug",
        _Words(
            N_("Jalon itself made a mistake with what it sends."),
            N_("Please report it with the raw frame; the message is kept and can be replayed."),
        ),
    ),
}
_SHOWN = ("topic", "what", "client_id", "serial", "not_after", "reason", "user")


def refused(facts: Facts) -> list[Suspicion]:
    """One cause for each kind of refusal that is recent, or that nothing came after."""
    found: dict[str, Suspicion] = {}
    for one in (*_from_notes(facts), *_from_letters(facts)):
        found.setdefault(one.cause, one)
    return list(found.values())


def _from_notes(facts: Facts) -> Iterator[Suspicion]:
    heard = facts.heard_ms or 0
    newest = True
    for note in facts.notes:
        words = _KINDS.get(note.kind)
        last = note.last_ms or note.at_ms
        since_heard = last >= heard
        if words is None or not (since_heard or facts.now_ms - last <= RECENT_MS):
            continue
        if since_heard or note.kind in INSIDE:
            # What was refused before may have been mended since: only the last is certain.
            certain = newest and since_heard and note.kind is not Kind.SUBSCRIBE_DENIED
            likelihood = Likelihood.CERTAIN if certain else Likelihood.LIKELY
            newest = False
            advice, evidence = _advice(words, facts), _evidence(note)
            yield Suspicion(note.kind.value, likelihood, Text(words.says), advice, evidence)
        elif facts.first_heard_ms is not None and facts.first_heard_ms < note.at_ms:
            yield _double(note, words)


def _double(note: Note, words: _Words) -> Suspicion:
    """Refused at the door between two messages that were taken: there are two of them."""
    return Suspicion(
        "somebody-else",
        Likelihood.LIKELY,
        Text(N_("Somebody else uses its name, or a second copy of it: it was heard meanwhile.")),
        Text(N_("Look for that address; renew the credential if you do not know it.")),
        (Text(words.says), *_evidence(note)),
    )


def _from_letters(facts: Facts) -> Iterator[Suspicion]:
    for letter in facts.letters:
        newest = letter.received_ms >= (facts.value_ms or 0)
        is_recent = facts.now_ms - letter.received_ms <= RECENT_MS
        if letter.reason not in _LETTERS or not (newest or is_recent):
            continue
        cause, words = _LETTERS[letter.reason]
        same = sum(_LETTERS.get(one.reason, ("",))[0] == cause for one in facts.letters)
        yield Suspicion(
            cause,
            Likelihood.CERTAIN if newest else Likelihood.LIKELY,
            Text(words.says),
            _advice(words, facts),
            _letter_evidence(letter, same),
        )


def _advice(words: _Words, facts: Facts) -> Text:
    places = {"device": facts.device, "topic": telemetry_topic(facts.device)}
    return Text(words.advice, {k: v for k, v in places.items() if "{" + k + "}" in words.advice})


def _evidence(note: Note) -> tuple[Text, ...]:
    last = Moment(note.last_ms or note.at_ms)
    when = (
        Text(N_("Refused {count} times, last at {time}."), {"count": note.count, "time": last})
        if note.count > 1
        else Text(N_("Refused at {time}."), {"time": last})
    )
    told = [
        Text("{name}: {value}", {"name": name.replace("_", " "), "value": value})
        for name, value in note.detail.items()
        if name in _SHOWN
    ]
    if note.address:
        told.append(Text(N_("It came from {address}."), {"address": note.address}))
    return (when, *told)


def _letter_evidence(letter: DeadLetter, same: int) -> tuple[Text, ...]:
    evidence = [
        Text(
            N_("Messages refused for this: {count}, the last at {time}."),
            {"count": same, "time": Moment(letter.received_ms)},
        )
    ]
    if letter.detail:
        evidence.append(Text("{detail}", {"detail": letter.detail}))
    return tuple(evidence)
