"""Who is connected to a server, and putting somebody out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jalon.adapters.links.mqtt.connection import Connection
from jalon.vocab.errors import BrokerError
from jalon.vocab.text import N_, Text

_PAGE = 2048


@dataclass(frozen=True, slots=True)
class Connected:
    """An MQTT connection. `identity` is that of its grant; `since_ms` and `last_ms` (when it last
    said or was told something) are Unix ms; `tls` is the protocol and cipher suite, or empty."""

    identity: str
    client_id: str
    address: str
    since_ms: int
    last_ms: int
    tls: str
    messages_in: int
    messages_out: int
    server: str
    cid: int


def connected(system: Connection, account: str, identity: str = "") -> Iterator[Connected]:
    """The MQTT connections of an account, of one identity or of all. `system` is a connection of
    the system account. Raises BrokerError, ConnectionError, TimeoutError."""
    server = system.server_id
    offset = 0
    while True:
        # The server sorts by connection number, which only grows: pages neither skip nor repeat
        # one that stays.
        wanted = {"auth": True, "acc": account, "offset": offset, "limit": _PAGE}
        page = _asked(system, server, "CONNZ", wanted | ({"user": identity} if identity else {}))
        found = page.get("connections") or []
        assert isinstance(found, list)
        for one in found:
            if one.get("type") == "mqtt":
                yield _connected(one, server)
        offset += _PAGE
        if len(found) < _PAGE:
            return


def kick(system: Connection, cids: Iterable[int]) -> int:
    """Close these connections; how many there were."""
    server = system.server_id
    gone = 0
    for cid in cids:
        try:
            _asked(system, server, "KICK", {"cid": cid})
        except BrokerError:
            continue  # it left by itself
        gone += 1
    return gone


def reload(system: Connection) -> None:
    """Have the server read its configuration and the files it names again."""
    _asked(system, system.server_id, "RELOAD", {})


def _asked(system: Connection, server: str, verb: str, body: object) -> dict[str, object]:
    answer = json.loads(
        system.request(f"$SYS.REQ.SERVER.{server}.{verb}", json.dumps(body).encode()).payload
    )
    if "error" in answer:
        raise BrokerError(
            Text(
                N_("The message broker failed: {reason}"),
                {"reason": str(answer["error"].get("description", answer["error"]))},
            )
        )
    data: dict[str, object] = answer.get("data") or {}
    return data


def _connected(one: dict[str, object], server: str) -> Connected:
    def text(key: str) -> str:
        return str(one.get(key, ""))

    def number(key: str) -> int:
        value = one.get(key, 0)
        return value if isinstance(value, int) else 0

    return Connected(
        identity=text("authorized_user"),
        client_id=text("mqtt_client"),
        address=text("ip"),
        since_ms=_ms(text("start")),
        last_ms=_ms(text("last_activity")),
        tls=f"{text('tls_version')} {text('tls_cipher_suite')}".strip(),
        messages_in=number("in_msgs"),
        messages_out=number("out_msgs"),
        server=server,
        cid=number("cid"),
    )


def _ms(time: str) -> int:
    return round(dt.datetime.fromisoformat(time).timestamp() * 1000)
