"""`jalon simulate`: virtual devices report through the real protocols."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from types import FrameType
from typing import Any

import click

from jalon.app.clock import now_ms
from jalon.app.local import Endpoint, require_run
from jalon.app.scenarios import read_scenario, scenario_path
from jalon.app.simulate import Plan, simulate
from jalon.app.solution import load
from jalon.cli.progress import Bar
from jalon.cli.speech import _
from jalon.run.virtual.updating import Flaws

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Duration(click.ParamType[float]):
    """`90s`, `10m`, `2h`, `1d`: seconds as a float."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds; fails with a sentence."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value))
        if found is None:
            self.fail(_("Write a duration as 90s, 10m, 2h or 1d."), param, ctx)
        return float(found[1]) * _SECONDS[found[2]]


class Speed(click.ParamType[float | None]):
    """A factor, or `max`: None."""

    name = "speed"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        """The factor; None for `max`."""
        if value == "max":
            return None
        try:
            factor = float(str(value))
        except ValueError:
            factor = 0.0
        if factor <= 1:
            self.fail(_("Speed is a number above 1, or max."), param, ctx)
        return factor


class Share(click.ParamType[float]):
    """`10%`, or `0.1`: a share from 0 to 1."""

    name = "share"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The share; fails with a sentence."""
        text = str(value)
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(_("Write a share as 10% or 0.1."), param, ctx)
        return share


class Broker(click.ParamType[Endpoint]):
    """`HOST:PORT` of an MQTT listener."""

    name = "broker"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Endpoint:
        """Where it listens."""
        host, colon, port = str(value).rpartition(":")
        if not colon or not host or not port.isdecimal():
            self.fail(_("Write a broker as HOST:PORT."), param, ctx)
        return Endpoint(host, int(port))


class Terminal:
    """Tells the terminal how it goes, and the simulation when to stop."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._stop = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop = True

    def history(self, done: float) -> None:
        """Move the bar."""
        self._bar.at(done)

    def caught_up(self, devices: int, messages: int) -> None:
        """Say that real time begins."""
        self._bar.__exit__(None, None, None)
        text = _("Virtual devices: {devices}. Messages of history sent: {messages}.")
        click.echo(text.format(devices=devices, messages=messages))

    def stopped(self) -> bool:
        """Whether a signal came."""
        return self._stop


@click.command(help=_("Virtual devices of DIR report through MQTT, as real ones would."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--days-back", type=click.FloatRange(0), help=_("Days of history to report first."))
@click.option(
    "--speed",
    type=Speed(),
    default="max",
    show_default=True,
    help=_("How fast history goes by: 60, or max. A number alone replays the last day."),
)
@click.option("--for", "run_s", type=Duration(), help=_("End after this much real time: 10m."))
@click.option("--devices", type=click.IntRange(1), help=_("Only the first so many devices."))
@click.option("--seed", default=1, show_default=True, help=_("Another number, another world."))
@click.option("--broker", type=Broker(), help=_("HOST:PORT, when it is not the solution's own."))
@click.option("--scenario", help=_("A file, or a name of DIR/scenarios: what happens when."))
@click.option("--fail-updates", type=Share(), default=0.0, help=_("So many updates fail: 10%."))
@click.option("--power-loss", type=Share(), default=0.0, help=_("So many lose power meanwhile."))
@click.option(
    "--corrupt-updates", type=Share(), default=0.0, help=_("So many receive wrong bytes.")
)
def command(
    folder: Path,
    days_back: float | None,
    run_s: float | None,
    broker: Endpoint | None,
    scenario: str | None,
    **numbers: Any,
) -> None:
    """Connect, send history with progress, go on in real time until a signal."""
    solution = load(folder)
    speed = numbers["speed"]
    if days_back is None:
        days_back = 0.0 if speed is None else 1.0
    story = read_scenario(scenario_path(folder, scenario)) if scenario else None
    flaws = Flaws(numbers["fail_updates"], numbers["power_loss"], numbers["corrupt_updates"])
    plan = Plan(days_back, speed, run_s, numbers["devices"], numbers["seed"], story, flaws)
    with Bar(_("History")) as bar:
        outcome = simulate(
            solution, broker or require_run(folder).mqtt, plan, Terminal(bar), now_ms
        )
    text = _("Messages acknowledged: {acknowledged} of {published}.")
    click.echo(text.format(acknowledged=outcome.acknowledged, published=outcome.published))
