"""What is told to devices takes the road that its kind needs."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from doorkeeper import Account, Doorkeeper

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.jetstream import stream_state
from jalon.app import credentials
from jalon.app.carriers import Carriers
from jalon.app.local import Endpoint
from jalon.run.fleet import Device
from jalon.vocab.errors import UsageError


class Board:
    """A link with a notice for each device and resource."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str], bytes] = {}

    def publish(self, device: str, what: str, payload: bytes) -> None:
        """As CoAP does."""
        self.said[device, what] = payload


def device(link: str | None = None, address: str | None = None) -> Device:
    return Device(id="dev1", name="D", thing="t", site="s", link=link, address=address)


@pytest.fixture
def carriers(broker: Broker, keeper: Doorkeeper, tmp_path: Path) -> Iterator[Carriers]:
    secret = credentials.password(tmp_path, credentials.COMMANDS)
    keeper.accounts[credentials.COMMANDS] = Account(credentials.COMMANDS, secret, ("v1/+/#",), ())
    made = Carriers(tmp_path, Endpoint("127.0.0.1", broker.mqtt_port), lambda _link: None)
    yield made
    made.close()


def test_pieces_of_a_package_do_not_fill_the_stream_of_the_readings(
    broker: Broker, connect: Callable[..., mqtt.Client], keeper: Doorkeeper, carriers: Carriers
) -> None:
    known = keeper.accounts["dev1"]
    keeper.accounts["dev1"] = Account("dev1", known.password, known.publish, ("v1/dev1/#",))
    heard: queue.Queue[bytes] = queue.Queue()
    subscribed: queue.Queue[bool] = queue.Queue()
    client = connect(broker, "dev1")
    client.on_message = lambda _client, _data, message: heard.put(bytes(message.payload))
    client.on_subscribe = lambda *_details: subscribed.put(True)
    client.subscribe("v1/dev1/#", 1)
    assert subscribed.get(timeout=10)
    with closing(Connection.open(broker.access, "test")) as connection:
        before = stream_state(connection).last
        for offset in range(5):
            carriers(device(), f"update/chunk/p/{offset}", b"piece")
        assert [heard.get(timeout=10) for _ in range(5)] == [b"piece"] * 5
        carriers(device(), "cmd/go", b"order")
        assert heard.get(timeout=10) == b"order"
        assert stream_state(connection).last == before + 1


def test_a_command_waits_on_the_board_though_something_is_wanted_too(tmp_path: Path) -> None:
    board = Board()
    carriers = Carriers(tmp_path, Endpoint("127.0.0.1", 1), lambda _link: board)
    carriers(device("coap"), "cmd/go", b"order")
    carriers(device("coap"), "desired", b"wish", True)
    assert board.said == {("dev1", "cmd"): b"order", ("dev1", "desired"): b"wish"}


@pytest.mark.parametrize(
    ("leaf", "address"), [("update/offer", None), ("cmd/go", "coap://10.0.0.7")]
)
def test_what_nobody_would_read_is_refused(tmp_path: Path, leaf: str, address: str | None) -> None:
    carriers = Carriers(tmp_path, Endpoint("127.0.0.1", 1), lambda _link: Board())
    with pytest.raises(UsageError, match="Nothing can be told"):
        carriers(device("coap", address), leaf, b"lost")
