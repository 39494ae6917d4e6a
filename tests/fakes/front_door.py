"""A solution's identities, journal and desks on a real registry, without a broker."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.directory import Bridge
from jalon.app.identities import Identities
from jalon.app.journal import RegistryJournal
from jalon.app.rate_limits import RateLimit
from jalon.app.reception import Reception
from jalon.app.solution import load
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind, Note

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass
class Clock:
    """Time that passes when the test says so."""

    now: int = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@dataclass
class FrontDoor:
    """What stands between devices and a solution. `gone` are those whom the last change of files
    or credentials sent away; `bridges` and `limit` are what links.yaml would say."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    bridges: tuple[Bridge, ...] = ()
    limit: RateLimit = field(default_factory=RateLimit)
    gone: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.registry: Registry = open_sqlite(self.folder / REGISTRY_FILE)
        self.journal = RegistryJournal(self.registry, self.clock)
        self.identities = Identities(self.registry, self.journal, self.folder, self.clock)
        self.reception = Reception.of(
            self.registry, self.journal, self.folder, self.clock, self.learn
        )
        self.learn()

    def learn(self) -> None:
        """What a running solution does when it is told that something has changed."""
        self.gone = self.identities.refresh()
        solution = load(self.folder)
        self.gone |= self.identities.learn(solution, self.bridges, self.limit)

    def ask(
        self, user: str, secret: str = "", client_id: str = "", address: str = "192.0.2.9"
    ) -> Grant | Denied:
        """Knock as an MQTT client."""
        return self.identities.decide(Attempt("mqtt", user, secret, client_id, None, address))

    def show(self, certificate: bytes, user: str = "") -> Grant | Denied:
        """Knock with a client certificate (DER)."""
        attempt = Attempt("mqtt", user, "", "", certificate, "192.0.2.9")
        return self.identities.decide(attempt)

    def noted(self, *kinds: Kind) -> list[Note]:
        """Lines of the journal of these kinds, the oldest first."""
        return self.journal.read(kinds=frozenset(kinds) or None, limit=1000)[::-1]

    def close(self) -> None:
        """Let the registry go."""
        self.identities.stop()
        self.journal.stop()
        self.registry.close()


def copied(name: str, to: Path) -> Path:
    """An example, never run."""
    hidden = shutil.ignore_patterns(".jalon")
    return Path(shutil.copytree(EXAMPLES / name, to / name, ignore=hidden))
