"""Why is it silent, or why is what it says refused? From facts to causes in plain words.

Every cause comes with its evidence and with what to do; the most certain ones come first.
"""

from __future__ import annotations

from collections.abc import Callable

from jalon.run.batch import Reason
from jalon.run.journal import Kind
from jalon.run.refusal_causes import refused
from jalon.run.suspicion import Facts, Likelihood, Moment, Suspicion, Way
from jalon.vocab.text import N_, Text

WEAK_DB, FAIR_DB = 3.0, 6.0
MUCH_LOST = 0.3
BATTERY_EMPTY, BATTERY_LOW = 0.1, 0.2
NEVER = "never-heard"
BEHIND_MS = 3_600_000
"""How far behind its arrival a value may be dated before the clock is suspected."""


def diagnose(facts: Facts) -> list[Suspicion]:
    """Every cause the facts speak for, the most certain first; empty when all is well."""
    refusals = refused(facts)
    if facts.retired is not None:
        still = [one for one in refusals if one.cause in (Kind.RETIRED, Reason.RETIRED)]
        return [*filter(None, [_retired(facts)]), *still]
    found = [one for look in _LOOKS if (one := look(facts))] + refusals
    if refusals:  # it did try
        found = [one for one in found if one.cause != NEVER]
    if facts.is_quiet and not any(one.likelihood > Likelihood.POSSIBLE for one in found):
        found.append(_unexplained(facts))
    return sorted(found, key=lambda one: -one.likelihood)


def _jalon(facts: Facts) -> Suspicion | None:
    if not facts.trouble:
        return None
    return Suspicion(
        "jalon",
        Likelihood.CERTAIN,
        Text(N_("Jalon itself does not listen.")),
        Text(N_("Look at the page Health; devices come back by themselves afterwards.")),
        tuple(Text(N_("This part does not work: {part}."), {"part": one}) for one in facts.trouble),
    )


def _retired(facts: Facts) -> Suspicion | None:
    if facts.retired is None:
        return None
    return Suspicion(
        "retired",
        Likelihood.CERTAIN,
        Text(N_("The device is out of service.")),
        Text(N_("Nothing, unless it should work again: then put it back into service.")),
        (Text(N_("It was retired on {day}."), {"day": facts.retired.isoformat()}),),
    )


def _link(facts: Facts) -> Suspicion | None:
    state = facts.link_state
    if facts.way is not Way.LINK or (state is not None and state.up):
        return None
    name = {"link": facts.link}
    if state is None:
        return Suspicion(
            "link-missing",
            Likelihood.CERTAIN,
            Text(N_("The link {link}, over which it is heard, does not run."), name),
            Text(N_("Look at the page Connections and at links.yaml.")),
        )
    evidence = [Text(N_("It went down at {time}."), {"time": Moment(state.since_ms)})]
    if state.trouble:
        evidence.append(state.trouble)
    return Suspicion(
        "link-down",
        Likelihood.CERTAIN,
        Text(N_("The link {link}, over which it is heard, is down."), name),
        Text(N_("Check the other side and the network between; it is tried again by itself.")),
        tuple(evidence),
    )


def _unprovisioned(facts: Facts) -> Suspicion | None:
    proof = facts.proof
    if not facts.is_quiet or facts.way is not Way.OWN or proof is None or proof.usable:
        return None
    if proof.expires_ms is not None and proof.expires_ms <= facts.now_ms:
        return Suspicion(
            "expired",
            Likelihood.CERTAIN,
            Text(N_("Its credential has expired.")),
            Text(N_("Renew the credential and put the new one into the device.")),
            (Text(N_("It was valid until {time}."), {"time": Moment(proof.expires_ms)}),),
        )
    return Suspicion(
        "no-credential",
        Likelihood.CERTAIN,
        Text(N_("It has no valid credential, so it cannot connect.")),
        Text(N_("Issue a credential (Manage) and put it into the device.")),
    )


def _gateway(facts: Facts) -> Suspicion | None:
    down = [one for one in facts.gateways if one.is_silent]
    if not facts.is_quiet or facts.way is not Way.LORAWAN or not down:
        return None
    all_quiet = facts.quiet_neighbours == facts.neighbours
    evidence = [
        Text(N_("{gateway} was last heard at {time}."), {"gateway": one.name, "time": Moment(when)})
        if (when := one.heard_ms)
        else Text(N_("{gateway} was never heard."), {"gateway": one.name})
        for one in down
    ]
    if facts.neighbours:
        evidence.append(_neighbours(facts))
    return Suspicion(
        "gateway-down",
        Likelihood.CERTAIN if all_quiet and facts.neighbours else Likelihood.LIKELY,
        Text(N_("The gateway of its site is silent too.")),
        Text(N_("Check the gateway's power and its network; its sensors come back with it.")),
        tuple(evidence),
    )


def _site(facts: Facts) -> Suspicion | None:
    explained = facts.trouble or any(one.is_silent for one in facts.gateways)
    if not facts.is_quiet or explained or facts.way is Way.LINK or facts.neighbours < 2:
        return None
    if facts.quiet_neighbours < facts.neighbours:
        return None
    return Suspicion(
        "site-down",
        Likelihood.LIKELY,
        Text(N_("Everything that is heard the same way at its site is silent.")),
        Text(N_("Check power and Internet access of the site, and the network server if any.")),
        (_neighbours(facts),),
    )


def _neighbours(facts: Facts) -> Text:
    return Text(
        N_("Silent devices beside it: {quiet} of {all}."),
        {"quiet": facts.quiet_neighbours, "all": facts.neighbours},
    )


def _battery(facts: Facts) -> Suspicion | None:
    if not facts.is_quiet or facts.battery is None or facts.battery > BATTERY_LOW:
        return None
    return Suspicion(
        "battery",
        Likelihood.LIKELY if facts.battery <= BATTERY_EMPTY else Likelihood.POSSIBLE,
        Text(N_("Its battery is probably empty.")),
        Text(N_("Replace or charge the battery.")),
        (Text(N_("The last level it told: {percent}%."), {"percent": round(facts.battery * 100)}),),
    )


def _radio(facts: Facts) -> Suspicion | None:
    weak = facts.margin_db is not None and facts.margin_db < FAIR_DB
    lossy = facts.lost is not None and facts.lost >= MUCH_LOST
    if not facts.is_quiet or not (weak or lossy):
        return None
    evidence = []
    if facts.margin_db is not None and weak:
        evidence.append(
            Text(
                N_("Its last frame was {margin} dB above the limit of hearing."),
                {"margin": f"{facts.margin_db:.1f}"},
            )
        )
    if facts.lost is not None and lossy:
        evidence.append(
            Text(
                N_("Of its last frames {percent}% were lost."), {"percent": round(facts.lost * 100)}
            )
        )
    very_weak = facts.margin_db is not None and facts.margin_db < WEAK_DB
    return Suspicion(
        "radio",
        Likelihood.LIKELY if very_weak or lossy else Likelihood.POSSIBLE,
        Text(N_("It is hardly heard over the air.")),
        Text(N_("Move the device or its antenna, or put a gateway nearer to it.")),
        tuple(evidence),
    )


def _clock(facts: Facts) -> Suspicion | None:
    if facts.is_quiet or facts.heard_ms is None or facts.value_ms is None:
        return None
    if facts.heard_ms - facts.value_ms < BEHIND_MS:
        return None
    return Suspicion(
        "clock-behind",
        Likelihood.POSSIBLE,
        Text(N_("It is heard, but its newest value is old.")),
        Text(N_("Check the clock of the device, or wait until it has sent what it kept.")),
        (
            Text(N_("Last heard at {time}."), {"time": Moment(facts.heard_ms)}),
            Text(N_("Its newest value is dated {time}."), {"time": Moment(facts.value_ms)}),
        ),
    )


def _never(facts: Facts) -> Suspicion | None:
    usable = facts.proof is None or facts.proof.usable
    if facts.heard_ms is not None or not usable:
        return None
    joined = next((one for one in facts.notes if one.kind is Kind.JOINED), None)
    if facts.way is Way.LORAWAN:
        if joined:
            return Suspicion(
                "joined-only",
                Likelihood.LIKELY,
                Text(N_("It has joined the network and sent nothing since.")),
                Text(N_("Wait for its first report, or press its button to make it send.")),
                (Text(N_("It joined at {time}."), {"time": Moment(joined.at_ms)}),),
            )
        advice = N_(
            "Check DevEUI and keys at the network server, whether the device is switched on, and"
            " whether the network server sends its events to Jalon (page Connections)."
        )
        says = N_("No frame of its DevEUI has ever come.")
    elif facts.way is Way.LINK:
        says = N_("The link has never brought a value of its address.")
        advice = N_("Compare the address of the device with what the other side really sends.")
    else:
        says = N_("It has never connected.")
        advice = N_("Put address, user name and secret into the device and switch it on.")
    return Suspicion(NEVER, Likelihood.LIKELY, Text(says), Text(advice))


def _cut(facts: Facts) -> Suspicion | None:
    # Who says too much is told so by another suspicion; its credential is good.
    ended = (one for one in facts.notes if one.kind is Kind.DISCONNECTED_BY_US)
    found = next((one for one in ended if one.detail.get("why") != "rate"), None)
    if not facts.is_quiet or found is None or found.at_ms < (facts.heard_ms or 0):
        return None
    return Suspicion(
        "disconnected",
        Likelihood.LIKELY,
        Text(N_("Jalon has ended its connection, and it has not come back.")),
        Text(N_("Its credential was changed or revoked: give it its present one.")),
        (Text(N_("That was at {time}."), {"time": Moment(found.at_ms)}),),
    )


def _unexplained(facts: Facts) -> Suspicion:
    evidence = (
        (Text(N_("Last heard at {time}."), {"time": Moment(facts.heard_ms)}),)
        if facts.heard_ms
        else ()
    )
    return Suspicion(
        "unexplained",
        Likelihood.POSSIBLE,
        Text(N_("Nothing was heard and nothing was refused: it is off, broken or out of reach.")),
        Text(N_("Go and look: power, battery, antenna, network cable.")),
        evidence,
    )


_LOOKS: tuple[Callable[[Facts], Suspicion | None], ...] = (
    _jalon,
    _link,
    _unprovisioned,
    _gateway,
    _site,
    _battery,
    _radio,
    _clock,
    _cut,
    _never,
)
