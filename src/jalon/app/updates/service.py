"""The updates of a running solution."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import orjson

from jalon.adapters.stores.registry.updates_schema import OfferRow
from jalon.app.ground import Ground
from jalon.app.updates.desk import Desk
from jalon.app.updates.progress import take_in
from jalon.app.updates.rollout import Rollout
from jalon.app.updates.world import (
    Carry,
    Post,
    Search,
    World,
    no_carrier,
    no_post,
    no_search,
)
from jalon.app.worker import Worker
from jalon.run.answers import ChunkWanted
from jalon.run.control import ProgressHeard, Subject, SubjectKind
from jalon.run.updates.manifest import CHUNK_MOST, Offer
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

_EVERY_S = 1.0
_PAUSE_MS = (1_000, 300_000)


class Updates:
    """Every method may be called from any thread. `carry` hands messages over to devices, `post`
    tells people, `search` finds devices; `desk` is where people work."""

    def __init__(
        self,
        ground: Ground,
        carry: Carry = no_carrier,
        post: Post = no_post,
        search: Search = no_search,
    ) -> None:
        self.world = World(ground, carry, post, search)
        self.desk = Desk(self.world)
        self._rollout: Rollout | None = None
        self._worker = Worker("updates", self._turn, _EVERY_S)

    def start(self) -> None:
        """Move campaigns on, and tell devices what they are offered."""
        self._rollout = Rollout(self.world, self.world.ground.now_ms())
        self._worker.start()

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""
        self._worker.stop()

    def wake(self) -> None:
        """Look now, rather than within a second."""
        self._worker.wake()

    def carry_out(self, due: ProgressHeard) -> None:
        """Take in; a part of the transaction it is called in."""
        take_in(self.world, due)
        self._worker.wake()

    def versions(self, device: str) -> Mapping[str, str]:
        """What a device last said it runs, by component."""
        return self.world.runs(device)

    def all_versions(self) -> Mapping[str, Mapping[str, str]]:
        """The same of every device that ever said so, by device."""
        return self.world.versions.all()

    def offer(self, device: str) -> Offer | None:
        """What the device is offered now."""
        row = self.world.offers.get(device)
        return self._offer(row) if row is not None and row.campaign is not None else None

    def piece(self, device: str, package: str, offset: int, length: int) -> bytes:
        """A part of the package that this device is offered now, b"" beyond its end. Raises
        UsageError for any other package."""
        row = self.world.offers.get(device)
        if row is None or row.campaign is None or row.package != package:
            raise UsageError(Text(N_("This package is not offered to this device.")))
        kept = self.world.package(package)
        return self.world.shelf.read(kept.sha256, offset, min(length, CHUNK_MOST))

    def chunk_wanted(self, wanted: ChunkWanted) -> None:
        """Publish what a device asked for. A question that makes no sense is left unanswered: the
        device asks again, or gives up."""
        device = self.world.ground.solution().device(wanted.device)
        if device is None:
            return
        try:
            piece = self.piece(device.id, wanted.package, wanted.offset, wanted.length)
            if piece:
                leaf = f"update/chunk/{wanted.package}/{wanted.offset}"
                self.world.carry(device, leaf, piece, False)
        except JalonError as error:
            log.info("no piece for %s: %s", device.id, error)

    def heard(self, device: str, said: Mapping[str, object]) -> None:
        """The status message of a device that speaks HTTP, in one transaction. Raises
        pydantic.ValidationError."""
        now_ms = self.world.ground.now_ms()
        known = {
            "at_ms": now_ms,
            "key": f"update/status:{device}:{now_ms}",
            "by": f"device:{device}",
            "subject": str(Subject(SubjectKind.DEVICE, device)),
        }
        due = ProgressHeard.model_validate({**said, **known})
        with self.world.ground.registry.work():
            self.carry_out(due)

    def _turn(self) -> float:
        assert self._rollout is not None
        self._rollout.turn(self.world.ground.now_ms())
        self._tell_devices()
        return _EVERY_S

    def _tell_devices(self) -> None:
        for row in self.world.offers.unsent(self.world.ground.now_ms()):
            if self._worker.ending:
                return
            device = self.world.ground.solution().device(row.device)
            try:
                if device is not None:
                    self.world.carry(device, "update/offer", self._content(row), True)
            except JalonError as error:
                log.info("%s cannot be told of its update: %s", row.device, error)
                first, longest = _PAUSE_MS
                pause = min(first << min(row.failures, 10), longest)
                self.world.offers.failed(row, self.world.ground.now_ms() + pause)
            else:
                self.world.offers.told(row)

    def _content(self, row: OfferRow) -> bytes:
        """What is retained for the device; empty takes it back."""
        if row.campaign is None:
            return b""
        return orjson.dumps(self._offer(row).model_dump())

    def _offer(self, row: OfferRow) -> Offer:
        signed = self.world.envelope(row.package)
        campaign = self.world.campaign(row.campaign or 0)
        return Offer(
            package=row.package,
            campaign=campaign.id,
            signed=signed.signed,
            key=signed.key,
            signature=signed.signature,
            downgrade=campaign.downgrade,
        )
