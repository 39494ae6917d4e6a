"""What publishing to a broker has in common: where it is, and the values that wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jalon.adapters.sinks.mqtt import Address, Talk, Waiting
from jalon.app import credentials
from jalon.app.external_secrets import read_external
from jalon.app.integrations.following import Selection
from jalon.app.integrations.outside import Outside
from jalon.app.tls import local_trust
from jalon.run.integrations.peers import Broker
from jalon.run.integrations.ports import SinkDown
from jalon.run.ports import Latest
from jalon.vocab.text import N_, Text

_LAST_WORDS_S = 2.0


class Ear:
    """Hears new values on the intake thread, which must not wait, and keeps the newest `room` of
    those selected until the job's thread takes them; `dropped` counts the others."""

    def __init__(self, selection: Selection, room: int) -> None:
        self._selection = selection
        self._room = room
        self._heard: deque[Latest] = deque()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._heard)

    def hear(self, values: Sequence[Latest]) -> None:
        """Keep the selected ones."""
        chosen = self._selection.series()
        self._heard.extend(one for one in values if one.series in chosen)
        while len(self._heard) > self._room:
            try:
                self._heard.popleft()
            except IndexError:  # the other thread has taken it
                return
            self.dropped += 1

    def take(self) -> Latest | None:
        """The oldest one."""
        try:
            return self._heard.popleft()
        except IndexError:
            return None


def address(folder: Path, outside: Outside, broker: Broker | None, name: str) -> Address:
    """Where to publish for the integration `name`. Raises SinkDown."""
    client_id = f"jalon-out-{name}"
    if broker is not None:
        password = None
        if broker.password is not None:
            password = read_external(folder, broker.password)
            if password is None:
                text = N_("The secret “{name}” has not been set.")
                raise SinkDown(Text(text, {"name": broker.password}))
        return Address(
            broker.host,
            broker.at,
            broker.user,
            password,
            client_id,
            tls=broker.encrypted,
            ca=broker.ca,
        )
    at = outside.broker()
    if at is None:
        raise SinkDown(Text(N_("The broker does not run yet.")))
    user = credentials.INTEGRATIONS
    trust = local_trust(folder) if at.tls else None
    return Address(
        at.near, at.port, user, credentials.password(folder, user), client_id, trust=trust
    )


def check(at: Address) -> None:
    """Connect, and publish nothing. Raises SinkDown."""
    trial = Talk(replace(at, client_id=f"{at.client_id}-test"))
    try:
        trial.open(lambda: False)
    finally:
        trial.close()


def finish(talk: Talk, waiting: Waiting) -> None:
    """Send what waits, for a moment at most."""
    for _ in range(int(_LAST_WORDS_S * 10)):
        if not waiting and talk.idle:
            return
        talk.carry(waiting)
