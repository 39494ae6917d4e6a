"""What leaves a running solution for other systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jalon.adapters.stores.registry import IntegrationTable
from jalon.adapters.stores.registry.integrations_schema import ExportRun
from jalon.app.ground import Ground
from jalon.app.integrations.calling import PARCEL, Calling, standing
from jalon.app.integrations.crew import Crew
from jalon.app.integrations.exporting import Exporting
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.runner import Runner
from jalon.app.notices.outbox import Outbox
from jalon.run.control import AlarmNews, CallDue, StateHeard
from jalon.run.integrations.ports import SinkDown
from jalon.run.integrations.spec import Integration, Webhook
from jalon.run.integrations.states import Kind, Standing
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_SHOWN_RUNS = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """An integration as pages show it. `standing` is None for one that is switched off, or while
    nothing runs; `runs` are the newest ones of an export."""

    kind: Kind
    settings: Integration
    standing: Standing | None
    runs: Sequence[ExportRun] = ()


class Integrations:
    """Every method may be called from any thread. `attach` comes before `start`."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._outside: Outside | None = None
        self._calling = Calling(ground, self._outbox)
        self._table = IntegrationTable(ground.registry)
        self._crew: Crew | None = None

    def attach(self, outside: Outside) -> None:
        """Join what runs."""
        self._outside = outside
        outside.outbox.kinds[PARCEL] = self._calling.kind

    def start(self) -> None:
        """Begin what runs by itself."""
        if self._outside is not None:
            self._crew = Crew(self._ground, self._outside)
            self._crew.start()

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""
        if self._crew is not None:
            self._crew.stop()
            self._crew = None

    # What is told

    def carry_out(self, due: CallDue) -> None:
        """Call; a part of the transaction it is called in."""
        self._calling.call(due)

    def alarm_news(self, news: AlarmNews) -> None:
        """Tell what became of an alarm; a part of the transaction it is called in."""
        self._calling.alarm_news(news)

    def state_news(self, heard: StateHeard) -> None:
        """Tell what a device reports; a part of the transaction it is called in."""
        self._calling.state_news(heard)

    # What is to be seen, and done by hand

    def shown(self) -> list[Shown]:
        """Every integration, in the order of the file."""
        found = []
        for name, _, one in self._ground.solution().control.integrations.every():
            kind = Kind(name)
            runs = self._table.runs(one.id, _SHOWN_RUNS) if kind is Kind.EXPORT else ()
            found.append(Shown(kind, one, self._standing(one), runs))
        return found

    def troubles(self) -> list[tuple[str, Text]]:
        """Integrations that do not work, and why."""
        return [
            (one.settings.id, one.standing.trouble)
            for one in self.shown()
            if one.standing is not None and one.standing.trouble is not None
        ]

    def run_now(self, integration_id: str) -> None:
        """Write the last period of an export once more; have any other look now. Raises
        UsageError."""
        settings = self._settings(integration_id)
        runner = self._runner(settings)
        if runner is None:
            message = N_("{id} does not run: it is switched off, or has nothing to do by itself.")
            raise UsageError(Text(message, {"id": settings.id}))
        if isinstance(runner.job, Exporting):
            runner.job.run_now(runner.desk)
        runner.desk.wake()

    def test(self, integration_id: str) -> None:
        """Try the other side, without sending values: call a webhook with a test, connect to a
        broker or database, put a small file and take it away. Raises UsageError with what it
        said."""
        settings = self._settings(integration_id)
        if isinstance(settings, Webhook):
            self._calling.test(settings)
            return
        if self._crew is None:
            raise _asleep()
        try:
            self._crew.job(settings).check()
        except SinkDown as down:
            raise UsageError(down.text) from down

    def _runner(self, settings: Integration) -> Runner | None:
        return self._crew.runner(settings.id) if self._crew is not None else None

    def _standing(self, one: Integration) -> Standing | None:
        if one.disabled or self._outside is None:
            return None
        runner = self._runner(one)
        desk = runner.desk if runner else None
        if isinstance(one, Webhook):
            return standing(self._outside.outbox, one, desk, self._ground.now_ms())
        return desk.standing if desk else None

    def _settings(self, integration_id: str) -> Integration:
        for _, _, one in self._ground.solution().control.integrations.every():
            if one.id == integration_id:
                return one
        raise UsageError(Text(N_("There is no integration {id}."), {"id": integration_id[:64]}))

    def _outbox(self) -> Outbox:
        if self._outside is None:
            raise _asleep()
        return self._outside.outbox


def _asleep() -> UsageError:
    return UsageError(Text(N_("Integrations work while the solution runs.")))
