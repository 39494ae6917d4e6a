"""The example school running on a real store, filled with plausible values."""

from __future__ import annotations

import copy
import math
import re
import shutil
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
import orjson
import update_samples
from anyio.from_thread import BlockingPortal, start_blocking_portal
from doorkeeper import doorkeeper
from fastapi import FastAPI
from playwright.sync_api import Page
from school_alarms import fill_alarms

from jalon.adapters.links.lorawan.codec import Reception as Heard
from jalon.adapters.links.lorawan.codec import Uplink, encode, uplink_topic
from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.adapters.stores.registry import open_sqlite
from jalon.app import routing
from jalon.app.accounts import REGISTRY_FILE, Accounts
from jalon.app.commands.bulks import BulkAsked
from jalon.app.commands.desk import Asked
from jalon.app.commands.service import Commands
from jalon.app.ground import Ground
from jalon.app.joining import joined
from jalon.app.journal import RegistryJournal
from jalon.app.reception import Reception
from jalon.app.running import Part, Running
from jalon.app.solution import load
from jalon.run.announcements import AnnouncedEntity, Announcement, Source
from jalon.run.batch import Columns, DeadLetter, Reason
from jalon.run.commands.wanted import Wanted
from jalon.run.frames import FrameLog
from jalon.run.journal import Journal, Kind
from jalon.run.links import LinkState
from jalon.run.live import LiveBoard
from jalon.run.ports import Counters, Latest, Series
from jalon.run.things import PropertyType
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import Text

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
HISTORY_MS = 2 * 86_400_000
STEP_MS = 600_000
ORIGIN = "http://testserver"


@dataclass
class School:
    """The example solution running on a real store; `password` is admin's."""

    running: Running
    password: str

    def hear(self, device: str, name: str, value: float) -> None:
        """A new value comes in now, as the intake would bring it."""
        series = self.running.series[device, name]
        now = self.running.now_ms()
        self.running.store.append(Columns([series.id], [now], [value]))
        self.running.devices_seen[device] = now
        self.running.live.publish([Latest(series.id, now, value)])


def otherwise(running: Running, **values: object) -> Running:
    """The same running solution with other parts."""
    changed = copy.copy(running)
    for name, value in values.items():
        assert hasattr(running, name)
        setattr(changed, name, value)
    return changed


def wave(series: Series, time_ms: int) -> float:
    """A plausible day: a level by unit and a daily swing, different for each series."""
    level, swing = {"[ppm]": (750.0, 300.0), "Cel": (20.5, 2.5), "V": (3.0, 0.1)}.get(
        series.spec.unit, (48.0, 9.0)
    )
    day = time_ms / 86_400_000 * math.tau
    noise = math.sin(time_ms / 977_000 + series.id) * 0.12
    return round(level + swing * (math.sin(day - 2.2 + series.id * 0.07) + noise), 2)


def history(all_series: list[Series], now_ms: int, length_ms: int) -> Columns:
    """Values every ten minutes; five hours are missing in the middle. The last device is mute."""
    columns = Columns()
    mute = all_series[-1].spec.device
    hole = range(now_ms - 14 * 3_600_000, now_ms - 9 * 3_600_000)
    for time_ms in range(now_ms - length_ms, now_ms - 30_000, STEP_MS):
        for one in all_series:
            if one.spec.device == mute or time_ms in hole:
                continue
            columns.series.append(one.id)
            columns.times_ms.append(time_ms)
            if one.spec.kind is ValueKind.NUMBER:
                columns.numbers.append(wave(one, time_ms))
            else:
                hour = time_ms // 3_600_000 % 24
                columns.texts[len(columns.numbers)] = "green" if hour < 9 or hour > 15 else "orange"
                columns.numbers.append(math.nan)
    return columns


LETTERS = [
    DeadLetter("v1/zay-cm2-a/up", b'{"co2": 612,', 0, Reason.MALFORMED, "unexpected end, byte 12"),
    DeadLetter("v1/ghost-7/up", b'{"t": 21.5}', 0, Reason.UNKNOWN_DEVICE, "ghost-7"),
    DeadLetter("v1/zay-cm2-a/up", b"\xff\x00\x01", 0, Reason.INVALID_UTF8, "byte 0"),
]


def links(now_ms: int) -> dict[str, LinkState]:
    """One that works, one that does not."""
    return {
        "boiler-room": LinkState(True, now_ms - 86_400_000, "127.0.0.1:502", messages=48_212),
        "old-broker": LinkState(
            up=False,
            since_ms=now_ms - 3_600_000,
            trouble=Text("The other broker refuses user and password."),
            messages=7,
            reconnects=3,
        ),
    }


PLUG = Announcement(
    Source.HOME_ASSISTANT,
    "0x00158d0001a2b3c4",
    "Prise du préau",
    "Acme",
    "P1",
    entities=(
        AnnouncedEntity(
            "homeassistant/sensor/preau/power/config",
            "sensor",
            "power",
            "Power",
            PropertyType.NUMBER,
            state_topic="zigbee2mqtt/preau",
            path="power",
            unit="W",
        ),
    ),
)
"""Waits for a decision."""


def frames(log: FrameLog, now_ms: int) -> None:
    """Uplinks of one sensor: a frame is missing, one cannot be read, two gateways hear it; and a
    message of a gateway that speaks for itself."""
    for number in (*range(40), 41, 42):
        time_ms = now_ms - (43 - number) * STEP_MS
        data = struct.pack(">HhBB", 600 + number, 2050, 88, 90)
        uplink = Uplink(
            "0200a14c000010c0",
            {},
            time_ms,
            frame=number,
            port=85,
            data_rate=3,
            spreading=9,
            data=data[:5] if number == 42 else data,
            heard_by=(Heard("roof-gateway", -97.0, 4.5), Heard("yard-gateway", -114.0, -8.0)),
        )
        event = encode(uplink, "school", "Air CM2 A", "air")
        topic = uplink_topic("school", uplink.dev_eui)
        log.note("zay-cm2-a", time_ms, topic, orjson.dumps(event))
    payload = b'{"temperature": 41.2, "firmware": "4.7.2"}'
    log.note("zay-gateway", now_ms - 60_000, "v1/zay-gateway/telemetry", payload)


def orders(commands: Commands) -> None:
    """One device was told something, and all displays of a site."""
    display = "zay-cm2-a-display"
    commands.ask(Asked(display, "setIndicator", "good", "user:berthe", key="first"))
    displays = [display, "zay-canteen"]
    commands.begin(BulkAsked(displays, "setIndicator", "off", "user:berthe", "all"), 2)
    for one in commands.find(Wanted()):
        commands.desk.cancel(one.id, "user:admin")


def happenings(journal: Journal) -> None:
    """What an operator of the school has to look at."""
    journal.note(Kind.LINK_UP, who="boiler-room", detail="127.0.0.1:502")
    journal.note(Kind.ADDED, "zay-gateway")
    journal.note(Kind.CREDENTIAL_ISSUED, "zay-gateway", proof="secret", hint="abcd")
    for _ in range(3):
        journal.note(
            Kind.WRONG_SECRET, "til-gateway", address="192.0.2.44", client_id="til-gateway"
        )
    journal.note(Kind.PUBLISH_DENIED, "til-gateway", topic="sensors/til/temperature")
    journal.note(Kind.UNKNOWN_IDENTITY, who="ghost-7", address="192.0.2.80")
    journal.note(Kind.LINK_DOWN, who="old-broker", detail="refused")


def open_school(folder: Path, length_ms: int = HISTORY_MS) -> School:
    """Copy the example into `folder` and fill its store."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    update_samples.trust(folder)
    solution = load(folder)

    def now_ms() -> int:
        return time.time_ns() // 1_000_000

    store = DuckdbStore.open(folder / ".jalon" / "store")
    declared = store.declare(routing.specs(solution))
    letters = [
        DeadLetter(one.topic, one.payload, now_ms() - 60_000, one.reason, one.detail)
        for one in LETTERS
    ]
    store.append(history(declared, now_ms(), length_ms), letters)
    accounts = Accounts.open(folder, now_ms)
    password = accounts.first_password()
    assert password is not None
    registry = open_sqlite(folder / REGISTRY_FILE)
    journal = RegistryJournal(registry, now_ms)
    happenings(journal)
    states = links(now_ms())
    log = FrameLog()
    frames(log, now_ms())
    counters = Counters(messages=48_211, readings=192_844, duplicates=12, late=3)
    counters.refused = {Reason.MALFORMED: 1, Reason.UNKNOWN_DEVICE: 1, Reason.INVALID_UTF8: 1}
    parts = [Part("broker", ready=True), Part("intake", ready=True), Part("store", ready=True)]
    running = Running(
        solution=solution,
        store=store,
        accounts=accounts,
        live=LiveBoard(store.latest()),
        counters=counters,
        series=MappingProxyType(routing.by_name(declared)),
        parts=lambda: list(parts),
        now_ms=now_ms,
        journal=journal,
        decide=doorkeeper([]),
        frames=log,
        links=lambda: states,
    )

    def changed() -> None:
        running.solution = load(folder)
        running.series = routing.by_name(store.declare(routing.specs(running.solution)))

    running.reload = changed
    running.reception = Reception.of(registry, journal, folder, now_ms, changed)
    ground = Ground(registry, lambda: running.solution, running.now_ms, journal, folder)
    running.control = joined(running, ground)
    update_samples.roll_out(running.control.updates)
    fill_alarms(registry, running.control.alarms, now_ms())
    running.reception.waiting.announce(PLUG)
    orders(running.control.commands)
    return School(running, password)


@dataclass(frozen=True)
class Web:
    """A real server on a free port."""

    url: str
    school: School
    app: FastAPI


def csrf_of(page: httpx.Response) -> str:
    """The token in the first form of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, "the page has no form token"
    return found[1]


class InProcess(httpx.BaseTransport):
    """Asks the application in the portal's event loop, as from a machine elsewhere."""

    def __init__(self, app: FastAPI, portal: BlockingPortal, loud: bool) -> None:
        elsewhere = ("192.0.2.7", 50_000)
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=loud, client=elsewhere)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer."""
        return self._portal.call(self._ask, request)

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await self._inner.handle_async_request(asked)
        body = b"".join([piece async for piece in answer.aiter_raw()])
        stream = httpx.ByteStream(body)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream)


@contextmanager
def visiting(app: FastAPI, origin: str = ORIGIN, loud: bool = True) -> Iterator[httpx.Client]:
    """A browser without scripts that nobody knows yet. When `loud`, a bug of the application is
    raised here."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        httpx.Client(
            transport=InProcess(app, portal, loud), base_url=origin, headers={"origin": origin}
        ) as client,
    ):
        yield client


OpenPage = Callable[..., Page]
FormToken = Callable[[httpx.Response], str]
