"""The threads of the integrations: one each, and one that looks after them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from jalon.app.ground import Ground
from jalon.app.integrations.announcing import Announcing
from jalon.app.integrations.following import Marks
from jalon.app.integrations.making import Checked, follows, make, works_by_itself
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.republishing import Republishing
from jalon.app.integrations.runner import Desk, Job, Runner
from jalon.app.solution import Solution
from jalon.run.integrations.ports import SinkDown
from jalon.run.integrations.spec import Integration
from jalon.vocab.errors import StoreError

log = logging.getLogger(__name__)

_LOOK_S = 1.0
_FORGET_EVERY = 30


class Crew:
    """Follows the files of the solution: what is written as before is not disturbed."""

    def __init__(self, ground: Ground, outside: Outside) -> None:
        self._ground = ground
        self._outside = outside
        self._runners: dict[str, tuple[Integration, Runner]] = {}
        self._marks = Marks(())
        self._seen: Solution | None = None
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="integrations", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._apply()
        self._keeper.start()

    def stop(self) -> None:
        """End all of them; one that hangs is left behind."""
        self._ending.set()
        self._keeper.join(_LOOK_S + 2)
        with self._lock:
            _end([runner for _, runner in self._runners.values()])
            self._runners.clear()

    def runner(self, name: str) -> Runner | None:
        """The one of that id, if it works by itself."""
        with self._lock:
            found = self._runners.get(name)
        return found[1] if found else None

    def job(self, settings: Integration) -> Checked:
        """A job beside the one that runs, to be tried."""
        return make(settings, self._ground, self._outside, Marks(()))

    def _apply(self) -> None:
        """Have those of the file, and no others; one that is written as before is not
        disturbed."""
        outside = self._outside
        with self._lock:
            solution = self._ground.solution()
            if self._seen is solution:
                return
            wanted = {
                one.id: one
                for _, _, one in solution.control.integrations.every()
                if not one.disabled and works_by_itself(one)
            }
            gone = {
                name: runner
                for name, (settings, runner) in self._runners.items()
                if wanted.get(name) != settings
            }
            _end(list(gone.values()))
            for name, runner in gone.items():
                del self._runners[name]
                if name not in wanted:
                    _withdraw(runner.job, self._ground)
            for _, runner in self._runners.values():
                if isinstance(runner.job, Announcing):
                    runner.job.changed()
            self._follow(outside, [one for one in wanted.values() if follows(one)])
            for name, one in wanted.items():
                if name not in self._runners:
                    job = make(one, self._ground, outside, self._marks)
                    runner = Runner(name, job, self._ground.now_ms)
                    self._runners[name] = one, runner
                    runner.start()
            self._seen = solution

    def _follow(self, outside: Outside, followers: Sequence[Integration]) -> None:
        self._marks.expect(one.id for one in followers)
        outside.store.follow(bool(followers))

    def _keep(self) -> None:
        """Take up changes of the files, wake who follows, and forget what everybody has."""
        store, rounds, newest = self._outside.store, 0, 0
        while not self._ending.wait(_LOOK_S):
            rounds += 1
            try:
                self._apply()
                if (position := store.last_change()) != newest:
                    newest = position
                    self._wake()
                if rounds % _FORGET_EVERY == 0:
                    store.forget_changes(self._marks.all_have())
            except StoreError as error:
                log.warning("integrations wait for the store: %s", error)

    def _wake(self) -> None:
        with self._lock:
            for settings, runner in self._runners.values():
                if follows(settings):
                    runner.desk.wake()


def _end(runners: Sequence[Runner]) -> None:
    for one in runners:
        one.tell_stop()
    for one in runners:
        one.join()
        if isinstance(one.job, Republishing):
            one.job.end()


def _withdraw(job: Job, ground: Ground) -> None:
    """What Home Assistant was told goes with the integration."""
    if not isinstance(job, Announcing):
        return
    try:
        job.withdraw(Desk(ground.now_ms))
    except SinkDown as down:
        log.warning("what was announced could not be withdrawn: %s", down)
