"""A shop with fridges whose rules alarm, tell and command, and the web service that is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

_FILES = {
    "solution.yaml": """\
id: shop
name: Shop
client: {name: The shop}
problem: {statement: Doors are left open}
""",
    "fleet/sites.yaml": """\
sites:
  - {id: here, name: Here, zone: Europe/Paris}
""",
    "things/fridge.tm.yaml": """\
"@context": "https://www.w3.org/2022/wot/td/v1.1"
"@type": tm:ThingModel
title: Fridge
jalon:period: 60
properties:
  door: {type: boolean, readOnly: true}
  setpoint: {type: number, unit: Cel, minimum: 0, maximum: 8}
actions:
  setSetpoint:
    input: {type: number, unit: Cel, minimum: 0, maximum: 8}
""",
    "rules/doors.yaml": """\
rules:
  - id: door-open
    title: {fr: Porte ouverte, en: Door open}
    late: 30 d
    severity: major
    when: door
    actions:
      - {kind: command, action: setSetpoint, input: "2.0"}
""",
    "alarms.yaml": """\
flapping: {changes: 100000}
escalations:
  - id: doors
    steps: [{to: [leila]}]
""",
    "links.yaml": """\
limits: {messages_per_second: 100000, burst: 1000000}
""",
}
_NOTIFICATIONS = """\
outlets:
  - {id: till, kind: webhook, url: "http://127.0.0.1:%d/told", private: true}
people:
  - {id: leila, name: Leïla, language: fr, channels: [{outlet: till}]}
"""


def write_shop(folder: Path, fridges: int, port: int) -> None:
    """The shop's solution folder; its messages go to a `Till` at that port."""
    rows = "".join(f"fridge-{n},Fridge {n},fridge,here\n" for n in range(fridges))
    files = {
        **_FILES,
        "fleet/devices.csv": f"id,name,thing,site\n{rows}",
        "notifications.yaml": _NOTIFICATIONS % port,
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


@dataclass
class Till:
    """A web service that takes messages: `told` has the body of each by its idempotency key, in
    the order in which they came; a key that comes again counts once."""

    port: int = 0
    told: dict[str, dict[str, Any]] = field(default_factory=dict)


@contextmanager
def till() -> Iterator[Till]:
    """A real one, on a free port."""
    kept = Till()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.told.setdefault(self.headers["idempotency-key"], json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()


class Fridge:
    """A device as a good one is: it keeps its session, remembers the commands it has run, runs
    none twice, and sends again what was not acknowledged. `ran` has the input of each command by
    its id, `deliveries` how often each came."""

    def __init__(self, name: str, secret: str, address: tuple[str, int]) -> None:
        self.name = name
        self.ran: dict[str, object] = {}
        self.deliveries: dict[str, int] = {}
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=False)
        self._client.username_pw_set(name, secret)
        self._client.reconnect_delay_set(1, 1)
        self._client.max_queued_messages_set(0)
        self._client.on_connect = self._connected
        self._client.on_message = self._message
        self._acknowledged: set[int] = set()
        self._client.on_publish = lambda _c, _d, mid, *_rest: self._acknowledged.add(mid)
        self._client.connect_async(*address, keepalive=20)
        self._client.loop_start()

    def say(self, time_ms: int, door: bool) -> Callable[[], bool]:
        """Report; the answer tells whether the broker has acknowledged it."""
        body = json.dumps({"ts": time_ms, "door": door})
        mid = self._client.publish(f"v1/{self.name}/telemetry", body, qos=1).mid
        return lambda: mid in self._acknowledged

    def leave(self) -> None:
        """Go to sleep; the broker keeps what comes."""
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: mqtt.Client, *_rest: object) -> None:
        client.subscribe(f"v1/{self.name}/cmd/#", qos=1)

    def _message(self, client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        told = json.loads(message.payload)
        command = told["id"]
        self.deliveries[command] = self.deliveries.get(command, 0) + 1
        self.ran.setdefault(command, told["input"])
        answer = json.dumps({"id": command, "status": "completed", "output": told["input"]})
        client.publish(f"v1/{self.name}/result", answer, qos=1)
