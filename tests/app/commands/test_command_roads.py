"""A real broker and a real device that sleeps while Jalon is started anew."""

from __future__ import annotations

import json
import queue
import shutil
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from command_post import OTHER
from paho.mqtt.enums import CallbackAPIVersion
from school import EXAMPLE
from waiting import wait_for

from jalon.app.commands.desk import Asked
from jalon.app.commands.service import Commands
from jalon.app.launch import Launched, Listen, launched
from jalon.app.local import Endpoint
from jalon.run.commands.states import State
from jalon.vocab.text import Text


class Display:
    """A device with a session that the broker keeps; it remembers the ids it has done."""

    def __init__(self, secret: str) -> None:
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="display-1", clean_session=False
        )
        self.client.username_pw_set(OTHER, secret)
        self.client.on_message = self._take
        self.subscribed = False
        self.client.on_subscribe = lambda *_details: setattr(self, "subscribed", True)
        self.client.on_connect = self._listen

    def wake(self, broker: Endpoint) -> None:
        """Connect and listen."""
        self.subscribed = False
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        wait_for(lambda: self.subscribed)

    def sleep(self) -> None:
        """Go; the broker keeps what comes."""
        self.client.disconnect()
        self.client.loop_stop()

    def _listen(self, client: mqtt.Client, *_details: Any) -> None:
        client.subscribe(f"v1/{OTHER}/cmd/#", 1)

    def _take(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        body = json.loads(message.payload)
        self.heard.put(body)
        answer = {"id": body["id"], "status": "completed", "output": body["input"]}
        self.client.publish(f"v1/{OTHER}/result", json.dumps(answer), 1)


def quiet(_text: Text) -> None:
    """Say nothing."""


def service(plant: Launched) -> Commands:
    return plant.running.control.commands


def state_of(commands: Commands, command: str) -> State:
    found = commands.one(command)
    assert found is not None
    return found.state


def test_a_sleeping_device_does_it_once_though_jalon_was_started_anew(tmp_path: Path) -> None:
    folder = tmp_path / "air"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    listen = Listen(mqtt=0, websocket=0)
    with launched(folder, listen, quiet) as plant:
        assert plant.running.reception is not None
        display = Display(plant.running.reception.keyring.issue(OTHER).secret)
        plant.running.reload()
        display.wake(plant.mqtt)
        commands = service(plant)
        first = commands.ask(Asked(OTHER, "setIndicator", "good", "user:ann"))
        wait_for(lambda: state_of(service(plant), first.id) is State.COMPLETED)
        display.sleep()
        asleep = commands.ask(Asked(OTHER, "setIndicator", "off", "user:ann"))
        wait_for(lambda: state_of(service(plant), asleep.id) is State.SENT)
    with launched(folder, listen, quiet) as plant:
        display.wake(plant.mqtt)
        wait_for(lambda: state_of(service(plant), asleep.id) is State.COMPLETED)
        done = service(plant).one(asleep.id)
        assert done is not None
        assert done.output == "off"
        display.sleep()
    heard = [display.heard.get_nowait() for _ in range(display.heard.qsize())]
    assert [one["id"] for one in heard] == [first.id, asleep.id]
    assert [one["input"] for one in heard] == ["good", "off"]
