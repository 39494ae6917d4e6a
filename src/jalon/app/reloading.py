"""A running solution learns what its files say now, without being stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.inbox import DurableInbox
from jalon.adapters.links.mqtt.light import Qos0Inbox
from jalon.app import routing
from jalon.app.directory import Bridge
from jalon.app.doorway import Certificates
from jalon.app.identities import Identities
from jalon.app.ingest import Desk
from jalon.app.link_kinds import Prepared, make_links
from jalon.app.linkage import Linkage
from jalon.app.rate_limits import RateLimit
from jalon.app.running import Running
from jalon.app.solution import Solution, load
from jalon.run.batch import Position
from jalon.run.codecs.codec import Codec
from jalon.run.journal import Kind
from jalon.run.replay import ReplayGuard
from jalon.vocab.errors import BrokerError


@dataclass
class Reloader:
    """Everything that a change of the files reaches. `codecs` opens those of a solution."""

    running: Running
    desk: Desk
    durable: DurableInbox
    light: Qos0Inbox
    identities: Identities
    broker: Broker
    linkage: Linkage
    codecs: Callable[[Solution], Mapping[str, Codec]]
    guard: ReplayGuard
    position: Position | None
    """Where reading went on at the start."""
    open_rules: Callable[[], None] = lambda: None
    """Makes the engine of the rules anew, from the files and the store."""
    between: Callable[[Callable[[], None]], None] = lambda errand: errand()
    """Has something done while no batch is under way."""
    certificates: Certificates | None = None
    """None without TLS."""
    _due: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reload(self) -> None:
        """Take the files and the registry as they are now. Raises SolutionError when the files
        have a fault, StoreError when a property has become another kind; all stays as it was.
        Raises BrokerError when somebody who must go is still connected."""
        with self._lock:
            # Who lost a credential goes, also while the files have a fault.
            self._due |= self.identities.refresh()
            self._send_away()
            solution = load(self.running.solution.folder)
            series = routing.by_name(self.running.store.declare(routing.specs(solution)))
            self.between(lambda: self._take(solution, series))
            self.durable.listen(routing.filters(solution), routing.released(solution))
            self.light.listen(routing.filters(solution))
            # Only now: what a new device says before would be passed over, though acknowledged.
            gone = learn(self.identities, solution)
            self.linkage.change(links(solution))
            self.running.control.alarms.reconcile(solution)
            self.refresh_certificates()
            self._due |= gone
            if failed := self._send_away():
                raise failed

    def _take(self, solution: Solution, series: routing.SeriesByName) -> None:
        """Decode, decide and show by these files from now on; while no batch is under way."""
        for_intake, for_pages = self.codecs(solution), self.codecs(solution)
        running, desk = self.running, self.desk
        desk.kinds = {one.id: one.spec.kind for one in series.values()}
        desk.intake = routing.intake(solution, series, for_intake, self.guard)
        running.solution, running.series, running.codecs = solution, series, for_pages
        self.open_rules()

    def refresh_certificates(self) -> None:
        """Renew the server's certificate in time and let in devices of other authorities. When
        something has changed, every device connects again."""
        if self.certificates is not None and self.certificates.refresh():
            self.broker.reload_certificates()

    def _send_away(self) -> BrokerError | None:
        """End the connections of all that must go. One that cannot be ended now keeps no other
        inside, and is tried again the next time."""
        failed = None
        for identity in sorted(self._due):
            try:
                ended = self.broker.disconnect(identity)
            except BrokerError as error:
                failed = error
            else:
                self._due.discard(identity)
                if ended:
                    device = identity if self.running.solution.device(identity) else None
                    note = self.running.journal.note
                    note(Kind.DISCONNECTED_BY_US, device, who=identity, why="identity")
        return failed


def learn(identities: Identities, solution: Solution) -> frozenset[str]:
    """Who may come in now; the answer is who must go."""
    bridges = [
        Bridge(one.id, tuple(one.publish), tuple(one.subscribe)) for one in solution.links.bridges
    ]
    limits = solution.links.limits
    return identities.learn(solution, bridges, RateLimit(limits.messages_per_second, limits.burst))


def links(solution: Solution) -> Mapping[str, Prepared]:
    """The links of a solution that has been checked."""
    return make_links(solution.links, solution.fleet.devices, solution.things)[0]
