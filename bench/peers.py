"""What others would build: the broker alone, and Mosquitto with a subscriber that fills SQLite."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.signals import PROPERTIES
from bench.site import wait_for
from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind

Devices = Sequence[tuple[str, str]]

_READER = ("reader", "only-for-this-bench")
_COMMIT_EVERY_S = 0.1
_COMMIT_ROWS = 1_000 * len(PROPERTIES)


@contextlib.contextmanager
def broker_alone(folder: Path, devices: Devices) -> Iterator[int]:
    """Jalon's broker with the same stream and accounts, and nobody reading; its MQTT port."""
    words = dict(devices)

    def decide(attempt: Attempt) -> Grant | Denied:
        if words.get(attempt.user) != attempt.secret:
            return Denied(Kind.WRONG_SECRET)
        return Grant(attempt.user, (f"v1/{attempt.user}/telemetry",))

    broker = Broker.start(BrokerSettings(folder / "broker", mqtt_port=0), decide)
    try:
        yield broker.mqtt_port
    finally:
        broker.stop()


def mosquitto() -> str | None:
    """Mosquitto's program; None when it is not installed."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextlib.contextmanager
def mosquitto_alone(folder: Path, program: str, devices: Devices) -> Iterator[tuple[int, int]]:
    """Mosquitto with these accounts; its port and process."""
    port = _free_port()
    process = subprocess.Popen(
        [program, "-c", str(_configured(folder, port, devices))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: _listens(port), 10, "mosquitto")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _configured(folder: Path, port: int, devices: Devices) -> Path:
    passwords = folder / "passwords"
    known = (*devices, _READER)
    passwords.write_text("".join(f"{name}:{word}\n" for name, word in known))
    passwords.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    path = folder / "mosquitto.conf"
    path.write_text(
        f"listener {port} 127.0.0.1\n"
        "allow_anonymous false\n"
        f"password_file {passwords}\n"
        "max_queued_messages 0\n"
        "max_inflight_messages 0\n"
        f"user {os.environ.get('USER', 'root')}\n"
    )
    return path


class MosquittoSqlite:
    """Mosquitto → a paho subscriber with QoS 1 → SQLite.

    Set up as somebody careful would: queues without a limit (by default Mosquitto drops what is
    beyond 1,000 messages), orjson, WAL, one transaction per 1,000 messages or 100 ms. Mosquitto's
    persistence stays off, as it is by default. With `unique`, rows are unique on (series, time)
    and so indexed, which is what a message delivered twice and a query of one device ask for;
    without, rows are only appended.
    """

    def __init__(self, folder: Path, program: str, devices: Devices, *, unique: bool) -> None:
        self.unique = unique
        self.database = folder / "readings.db"
        self.port = _free_port()
        self._folder = folder
        self._program = program
        self._devices = devices

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Both processes, ready."""
        process = subprocess.Popen(
            [self._program, "-c", str(self._configured())],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        reader = context.Process(
            target=_subscribe, args=(self.port, self.database, self.unique, theirs), daemon=True
        )
        try:
            wait_for(lambda: _listens(self.port), 10, "mosquitto")
            reader.start()
            if not ours.poll(20):
                raise TimeoutError("the subscriber did not start")
            ours.recv()
            yield
        finally:
            for one in (reader, process):
                one.terminate()
            reader.join()
            process.wait()

    def rows(self) -> int:
        """Rows that are stored now, without counting them all."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            found: int | None = db.execute("select sum(count) from progress").fetchone()[0]
            return found or 0

    def exact_rows(self) -> int:
        """Rows, really counted."""
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            return int(db.execute("select count(*) from readings").fetchone()[0])

    def _configured(self) -> Path:
        return _configured(self._folder, self.port, self._devices)


class _Writer:
    """Collects messages and writes them in transactions."""

    def __init__(self, database: Path, *, unique: bool) -> None:
        key = ", primary key (series, ts)) without rowid" if unique else ")"
        self._db = sqlite3.connect(database)
        self._db.executescript(
            "pragma journal_mode = wal; pragma synchronous = normal;"
            "create table series (id integer primary key, device text, property text,"
            " unique (device, property));"
            "create table readings (series integer, ts integer, value real"
            f"{key};"
            "create table progress (count integer);"
        )
        self._series: dict[tuple[str, str], int] = {}
        self._rows: list[tuple[int, int, float]] = []

    @property
    def full(self) -> bool:
        """Whether it is time for a transaction whatever the clock says."""
        return len(self._rows) >= _COMMIT_ROWS

    def take(self, topic: str, payload: bytes | bytearray) -> None:
        """Decode one message into rows."""
        values = orjson.loads(payload)
        time_ms = values.pop("ts")
        device = topic.split("/")[1]
        for name, value in values.items():
            key = (device, name)
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = len(self._series)
                self._db.execute("insert into series values (?, ?, ?)", (series, *key))
            self._rows.append((series, time_ms, value))

    def commit(self) -> None:
        """Write what was collected."""
        if self._rows:
            before = self._db.total_changes
            self._db.executemany("insert or ignore into readings values (?, ?, ?)", self._rows)
            written = self._db.total_changes - before
            self._db.execute("insert into progress values (?)", (written,))
            self._db.commit()
            self._rows.clear()


def _subscribe(port: int, database: Path, unique: bool, pipe: Connection) -> None:
    """The subscriber's process: one loop that reads the socket and writes to SQLite."""
    writer = _Writer(database, unique=unique)
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="reader", clean_session=False)
    client.username_pw_set(*_READER)

    def on_message(_client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        writer.take(message.topic, message.payload)
        if writer.full:
            writer.commit()

    client.on_message = on_message
    client.on_subscribe = lambda *_: pipe.send("ready")
    client.connect("127.0.0.1", port)
    client.subscribe("v1/+/telemetry", qos=1)
    due = time.monotonic() + _COMMIT_EVERY_S
    while client.loop(timeout=_COMMIT_EVERY_S) == paho.MQTT_ERR_SUCCESS:
        if time.monotonic() >= due:
            writer.commit()
            due = time.monotonic() + _COMMIT_EVERY_S


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
