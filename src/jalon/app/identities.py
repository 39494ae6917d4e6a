"""Who may come in: the answer for every connection, from memory."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from jalon.adapters.pki.trust import Presented, Trust, own, read_authorities
from jalon.adapters.stores.registry import CredentialTable, Registry
from jalon.app import device_secrets as secrets
from jalon.app.credentials import (
    COMMANDS,
    IMPORTER,
    INTEGRATIONS,
    KEY_FILE,
    OWN_PREFIX,
    SIMULATED,
    derived,
)
from jalon.app.directory import (
    Bridge,
    Directory,
    Known,
    Proof,
    commander,
    directory,
    importer,
    integrator,
)
from jalon.app.identity_ledger import Ledger, Shown
from jalon.app.keyring import AUTHORITIES_FOLDER, Keyring
from jalon.app.local import secret
from jalon.app.rate_limits import RateLimit, RateLimits
from jalon.app.solution import Solution
from jalon.app.throttle import Throttle
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Journal, Kind
from jalon.vocab.times import from_ms

WRONG_AT_ONCE = 10
WRONG_REFILL_MS = 6_000


class _Refused(Exception):  # noqa: N818 - an outcome
    def __init__(
        self, kind: Kind, device: str | None = None, detail: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.device = device
        self.detail = detail


class Identities:
    """Everybody who may connect to one solution, in memory. `decide` is a `run.identity.Decide`.

    `start` begins to write down in the background who was here; `stop` writes the rest.
    """

    def __init__(
        self, registry: Registry, journal: Journal, folder: Path, now_ms: Callable[[], int]
    ) -> None:
        self._table = CredentialTable(registry)
        self._journal = journal
        self._folder = folder
        self._now_ms = now_ms
        self._pepper = secrets.pepper(folder)
        self._own_key = secret(folder, KEY_FILE)
        self._keyring = Keyring(registry, journal, folder, now_ms)
        self._directory = Directory()
        self._trust = Trust([])
        self._ledger = Ledger(self._table, now_ms)
        self._wrong = Throttle(WRONG_AT_ONCE, WRONG_REFILL_MS, now_ms, capacity=50_000)
        self._limits = RateLimits(RateLimit(), now_ms)
        self._simulated: set[str] = set()
        self._learning = threading.Lock()
        self._learnt: tuple[Solution, Sequence[Bridge]] | None = None

    def start(self) -> None:
        """Begin to write down who was here."""
        self._ledger.start()

    def stop(self) -> None:
        """Write down the rest and end."""
        self._ledger.stop()

    def learn(
        self,
        solution: Solution,
        bridges: Sequence[Bridge] = (),
        limit: RateLimit | None = None,
    ) -> frozenset[str]:
        """Take the solution and the registry as they are now: at the start, and after every change
        of the fleet's files or of credentials.

        The answer names those whose connections must be ended: who was let in before may no longer
        be, or may now do other things. Raises UsageError for a customer's authority that cannot be
        read; everything then stays as it was.
        """
        customers = read_authorities(self._folder / AUTHORITIES_FOLDER)
        trust = Trust([own(self._keyring.authority()), *customers])
        with self._learning:
            self._learnt = (solution, bridges)
            self._trust = trust
            if limit is not None:
                self._limits.limit = limit
        return self.refresh()

    def refresh(self) -> frozenset[str]:
        """The same for credentials alone: it works also while the files have a fault."""
        with self._learning:
            if self._learnt is None:
                return frozenset()
            fresh = directory(self._learnt[0], self._table.all(), self._learnt[1])
            self._ledger.learn()
            before, self._directory = self._directory, fresh
            self._limits.forget_others(set(fresh.known))
        now = self._now_ms()
        return frozenset(
            identity
            for identity, was in before.known.items()
            if _must_go(was, fresh.known.get(identity), now)
        )

    @property
    def trust(self) -> Trust:
        """The authorities whose certificates let devices in, as the TLS listener wants them."""
        return self._trust

    def knows(self, identity: str) -> bool:
        """Whether there is a device or an account of that name."""
        return identity in self._directory.known

    def decide(self, attempt: Attempt) -> Grant | Denied:
        """Let somebody in or not; see `run.identity.Decide`."""
        try:
            return self._decide(attempt)
        except _Refused as refused:
            self._journal.note(
                refused.kind,
                refused.device,
                who="" if refused.device else attempt.user,
                address=attempt.address,
                **({"client_id": attempt.client_id} if attempt.client_id else {}),
                protocol=attempt.protocol,
                **dict(refused.detail),
            )
            return Denied(refused.kind, refused.device)

    def over_rate(self, device: str, messages: int, at_ms: int | None = None) -> bool:
        """Count messages of a device that the broker received at `at_ms` (now when it is not
        given); True, once, when that is too much: its connections must then be ended. They stay
        refused for a minute, longer each time. What was acknowledged is kept all the same.

        Devices simulated since the start are not judged: their history goes by faster.
        """
        if device in self._simulated:
            return False
        penalty = self._limits.take(device, messages, self._now_ms() if at_ms is None else at_ms)
        if penalty:
            self._journal.note(Kind.OVER_RATE, device, kept_out_s=str(penalty // 1000))
        return penalty > 0

    def _decide(self, attempt: Attempt) -> Grant:
        if attempt.certificate is not None:
            identity, grant = self._by_certificate(attempt, attempt.certificate)
        elif attempt.user.startswith(OWN_PREFIX):
            return self._ourselves(attempt)
        else:
            identity, grant = self._by_secret(attempt)
        if wait := self._limits.kept_out_ms(identity):
            raise _Refused(Kind.OVER_RATE, identity, (("until", _iso(self._now_ms() + wait)),))
        self._check_client_id(identity, attempt)
        return grant

    def _by_secret(self, attempt: Attempt) -> tuple[str, Grant]:
        throttle = f"{attempt.user[:128]}\n{attempt.address}"
        if self._wrong.take(throttle):
            raise self._refusal(Kind.OVER_RATE, attempt.user, reason="wrong secrets")
        known = self._directory.known.get(attempt.user)
        if known is None:
            raise _Refused(Kind.UNKNOWN_IDENTITY)
        _in_service(known, self._now_ms())
        given = secrets.digest(self._pepper, attempt.secret)
        now = self._now_ms()
        ended: Proof | None = None
        for proof in known.proofs:
            if proof.digest and hmac.compare_digest(proof.digest, given):
                if proof.ends_ms is None or proof.ends_ms > now:
                    self._wrong.forgive(throttle)
                    self._ledger.used(proof.id)
                    return attempt.user, _until(known, proof.ends_ms)
                ended = proof
        if ended is not None:
            raise self._refusal(_why_ended(ended, now), attempt.user)
        if not any(proof.digest for proof in known.proofs):
            raise self._refusal(Kind.NO_CREDENTIAL, attempt.user)
        raise self._refusal(Kind.WRONG_SECRET, attempt.user)

    def _by_certificate(self, attempt: Attempt, der: bytes) -> tuple[str, Grant]:
        found = self._trust.identify(der)
        if found is None:
            raise self._refusal(Kind.UNTRUSTED_CERTIFICATE, attempt.user)
        shown, issuer = found
        now = self._now_ms()
        known, identity = self._directory.known, shown.subject
        if identity not in known and not issuer.own:
            identity = self._directory.by_serial.get(identity, identity)
        if identity not in known:
            raise _Refused(Kind.UNKNOWN_IDENTITY, None, (("subject", shown.subject),))
        facts = {"subject": shown.subject, "serial": shown.serial}
        if not issuer.may_name(identity) or attempt.user not in ("", identity):
            raise self._refusal(Kind.UNTRUSTED_CERTIFICATE, identity, **facts)
        _in_service(known[identity], now)
        proof = _proof(known[identity], shown)
        if proof is not None and proof.revoked_ms is not None and proof.revoked_ms <= now:
            raise self._refusal(Kind.REVOKED, identity, **facts)
        if not shown.not_before_ms <= now < shown.not_after_ms:
            ended = _iso(shown.not_after_ms)
            raise self._refusal(Kind.EXPIRED, identity, not_after=ended, **facts)
        if proof is None and issuer.own:
            raise self._refusal(Kind.UNTRUSTED_CERTIFICATE, identity, **facts)
        if proof is not None:
            self._ledger.used(proof.id)
        else:
            seen = Shown(identity, shown.authority, shown.serial, shown.not_after_ms)
            self._ledger.showed(seen)
        ends = min(shown.not_after_ms, (proof and proof.revoked_ms) or shown.not_after_ms)
        return identity, _until(known[identity], ends)

    def _ourselves(self, attempt: Attempt) -> Grant:
        """Jalon's own commands, with passwords that only this machine can work out."""
        if self._wrong.take(f"{OWN_PREFIX}\n{attempt.address}"):
            raise _Refused(Kind.OVER_RATE, None, (("reason", "wrong secrets"),))
        expected = derived(self._own_key, attempt.user)
        if not hmac.compare_digest(
            expected.encode(), attempt.secret.encode("utf-8", "surrogatepass")
        ):
            raise _Refused(Kind.WRONG_SECRET)
        self._wrong.forgive(f"{OWN_PREFIX}\n{attempt.address}")
        if attempt.user == IMPORTER:
            return importer()
        if attempt.user == COMMANDS:
            return commander(self._directory.own_topics)
        if attempt.user == INTEGRATIONS:
            return integrator()
        identity = attempt.user.removeprefix(SIMULATED)
        known = self._directory.known.get(identity)
        if known is None:
            raise _Refused(Kind.UNKNOWN_IDENTITY)
        self._simulated.add(identity)
        return replace(known.grant, identity=attempt.user)

    def _check_client_id(self, identity: str, attempt: Attempt) -> None:
        client_id, known = attempt.client_id, self._directory.known
        if not client_id or client_id == identity:
            return
        owner = client_id
        if client_id not in known:
            owner = self._ledger.bind(client_id, identity, lambda one: one not in known)
        if owner != identity:
            raise self._refusal(Kind.CLIENT_ID_OF_ANOTHER, identity, owner=owner)

    def _refusal(self, kind: Kind, identity: str, **detail: str) -> _Refused:
        known = self._directory.known.get(identity)
        device = identity if known and known.is_device else None
        return _Refused(kind, device, tuple(detail.items()))


def _in_service(known: Known, now_ms: int) -> None:
    if known.is_retired(now_ms):
        raise _Refused(Kind.RETIRED, known.grant.identity)


def _proof(known: Known, shown: Presented) -> Proof | None:
    """The line of the registry about this very certificate."""
    wanted = (shown.authority, shown.serial)
    return next((one for one in known.proofs if (one.issuer, one.serial) == wanted), None)


def _must_go(was: Known, now_is: Known | None, now_ms: int) -> bool:
    """Whether somebody who may be connected must not stay so, or not for as long as was said when
    they came in: a connection that has to end later must come in anew to learn when."""
    if now_is is None or now_is.grant != was.grant:
        return True
    before = {proof.id: proof for proof in was.proofs}
    if _sooner(now_is.retired_ms, was.retired_ms) or before.keys() - _ids(now_is):
        return True
    # A customer's certificate may be known only once it is revoked.
    return any(
        _sooner(proof.ends_ms, before[proof.id].ends_ms)
        if proof.id in before
        else _sooner(proof.ends_ms, now_ms + 1)
        for proof in now_is.proofs
    )


def _ids(known: Known) -> set[int]:
    return {proof.id for proof in known.proofs}


def _sooner(end_ms: int | None, than_ms: int | None) -> bool:
    return end_ms is not None and (than_ms is None or end_ms < than_ms)


def _why_ended(proof: Proof, now_ms: int) -> Kind:
    revoked = proof.revoked_ms is not None and proof.revoked_ms <= now_ms
    return Kind.REVOKED if revoked else Kind.EXPIRED


def _until(known: Known, ends_ms: int | None) -> Grant:
    """What it may do, until the credential ends or the device goes out of service."""
    ends = min((one for one in (ends_ms, known.retired_ms) if one is not None), default=None)
    return known.grant if ends is None else replace(known.grant, expires_ms=ends)


def _iso(time_ms: int) -> str:
    return from_ms(time_ms).isoformat(timespec="seconds")
