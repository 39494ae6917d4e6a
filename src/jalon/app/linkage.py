"""Keeps every link of `links.yaml` alive, each in a thread of its own and none in another's way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jalon.app.link_kinds import Prepared
from jalon.run.backoff import Backoff
from jalon.run.identity import Decide
from jalon.run.journal import Journal, Kind
from jalon.run.links import Host, Link, LinkDown, LinkState, Road
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

_STEADY_MS = 60_000
"""A conversation that stood this long was a good one: the next pause is short again."""
_LEAVE_S = 3.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What the solution lends to its links."""

    road: Road
    secret: Callable[[str], str | None]
    now_ms: Callable[[], int]
    decide: Decide
    journal: Journal
    folder: Path | None = None
    """Where links keep what must survive a restart, each in a folder of its name."""


class Linkage:
    """The links of a running solution. `change` may be called at any time with what there is to
    be from then on: a link of which the files say the same as before is not disturbed."""

    def __init__(self, tools: Tools, backoff: Callable[[], Backoff] = Backoff) -> None:
        self._tools = tools
        self._backoff = backoff
        self._runners: dict[str, _Runner] = {}

    def change(self, links: Mapping[str, Prepared]) -> None:
        """Have these links and no others."""
        gone = [
            self._runners.pop(name)
            for name, runner in list(self._runners.items())
            if links.get(name) != runner.prepared
        ]
        _end(gone)
        for name, prepared in links.items():
            if name not in self._runners:
                self._runners[name] = _Runner(name, prepared, self._tools, self._backoff())
                self._runners[name].start()

    def states(self) -> Mapping[str, LinkState]:
        """How each link is now."""
        return {name: runner.state for name, runner in list(self._runners.items())}

    def link(self, name: str) -> Link | None:
        """The link of that id, if there is one."""
        runner = self._runners.get(name)
        return None if runner is None else runner.prepared.link

    def stop(self) -> None:
        """End them all; one that hangs is left behind after three seconds."""
        _end(list(self._runners.values()))
        self._runners.clear()


class _Runner:
    """One link and its thread."""

    def __init__(self, name: str, prepared: Prepared, tools: Tools, backoff: Backoff) -> None:
        self.prepared = prepared
        self.state = LinkState(up=False, since_ms=tools.now_ms())
        self._name = name
        self._tools = tools
        self._backoff = backoff
        self._stop = threading.Event()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"link {name}", daemon=True)
        self._host = Host(
            road=_CountedRoad(tools.road, self._count),
            stop=self._stop,
            up=self._up,
            note=self._note,
            secret=tools.secret,
            now_ms=tools.now_ms,
            decide=tools.decide,
            journal=tools.journal,
            folder=None if tools.folder is None else tools.folder / name,
        )

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def tell_stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait for its end."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.prepared.link.serve(self._host)
                trouble = Text(N_("The link ended without a reason."))
            except LinkDown as down:
                trouble = down.text
            except OSError as error:
                trouble = Text(N_("No connection: {reason}"), {"reason": str(error) or repr(error)})
            except Exception as error:
                # A mistake of ours in one link must not end it for good, nor touch the others.
                log.exception("link %s met a bug", self._name)
                trouble = Text(N_("A mistake of Jalon itself: {error}"), {"error": repr(error)})
            if not self._stop.is_set():
                self._down(trouble)
                self._stop.wait(self._backoff.pause_s())

    def _up(self, detail: str) -> None:
        with self._guard:
            again = self.state.reconnects + (not self.state.up and self.state.messages > 0)
            self.state = replace(
                self.state,
                up=True,
                since_ms=self._tools.now_ms(),
                detail=detail,
                trouble=None,
                reconnects=again,
            )
        self._tools.journal.note(Kind.LINK_UP, who=self._name, detail=detail)

    def _down(self, trouble: Text) -> None:
        now = self._tools.now_ms()
        with self._guard:
            was_up = self.state.up
            if was_up and now - self.state.since_ms >= _STEADY_MS:
                self._backoff.reset()
            since = now if was_up else self.state.since_ms
            news = was_up or self.state.trouble != trouble
            self.state = replace(self.state, up=False, since_ms=since, trouble=trouble)
        if news:  # an outage of a night is one line, not one a minute
            self._tools.journal.note(Kind.LINK_DOWN, who=self._name, detail=str(trouble))

    def _note(self, text: Text) -> None:
        with self._guard:
            news = self.state.noted != text
            self.state = replace(self.state, noted=text)
        if news:
            self._tools.journal.note(Kind.LINK_NOTE, who=self._name, detail=str(text))

    def _count(self, messages: int) -> None:
        with self._guard:
            self.state = replace(self.state, messages=self.state.messages + messages)


class _CountedRoad:
    """The road, counting what one link hands over."""

    def __init__(self, road: Road, count: Callable[[int], None]) -> None:
        self._road = road
        self._count = count

    def submit(self, messages: Sequence[tuple[str, bytes]], timeout_s: float = 10.0) -> None:
        """As the road itself."""
        self._road.submit(messages, timeout_s)
        self._count(len(messages))


def _end(runners: Sequence[_Runner]) -> None:
    for runner in runners:
        runner.tell_stop()
    for runner in runners:
        runner.join(_LEAVE_S)
