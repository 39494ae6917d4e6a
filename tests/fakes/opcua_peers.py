"""Real OPC UA servers, and the devices of a link that hears them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from asyncua import ua
from asyncua.common.node import Node
from asyncua.crypto.permission_rules import SimpleRoleRuleset, User, UserRole
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager

from jalon.run.fleet import Device
from jalon.run.links import Member
from jalon.run.things import ThingModel

NAMESPACE = "http://plant.example/line"
T = TypeVar("T")


class OneUser(UserManager):
    """Lets in one person with a password."""

    def get_user(self, iserver, username=None, password=None, certificate=None):  # type: ignore[no-untyped-def]
        """The user, or nobody."""
        known = username == "jalon" and password == "sesame"
        return User(role=UserRole.User) if known else None


class Plant:
    """A server in a thread of its own, with variables below `Line1`."""

    def __init__(self, padding: int = 0, user_manager: UserManager | None = None) -> None:
        self.port = 0
        self.nodes: dict[str, Node] = {}
        self._padding = padding
        self._users = user_manager
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Server | None = None
        self._line: Node
        self._index = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"opc.tcp://127.0.0.1:{self.port}"

    def start(self, values: Mapping[str, Any], security: tuple[Path, Path] | None = None) -> Plant:
        """Start with these variables, on the port it had before if any."""
        self.run(self._start(values, security))
        return self

    def add(self, values: Mapping[str, Any]) -> None:
        """More variables, or new values for those there are."""
        for name, value in values.items():
            if name in self.nodes:
                self.write(name, value)
            else:
                self.run(self._add(name, value))

    def add_server_state(self, name: str, value: int) -> None:
        """A variable whose type is the enumeration of server states."""
        states = ua.NodeId.from_string("i=852")
        self.run(self._add(name, value, ua.VariantType.Int32, states))

    def write(
        self, name: str, value: object, status: int = 0, source: datetime | None = None
    ) -> None:
        """Give a variable a value, as the server's own program would."""
        given = ua.DataValue(
            ua.Variant(value) if not isinstance(value, ua.Variant) else value,
            ua.StatusCode(ua.UInt32(status)),
            SourceTimestamp=source,  # type: ignore[arg-type]
        )
        self.run(self.nodes[name].write_value(given))

    def stop(self) -> None:
        """End the server and its connections."""
        if self._server is not None:
            self.run(self._server.stop())
            self._server = None

    def close(self) -> None:
        """End everything."""
        self.stop()
        self.run(_cancel_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something on the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    async def _add(
        self,
        name: str,
        value: object,
        variant: ua.VariantType | None = None,
        kind: ua.NodeId | None = None,
    ) -> None:
        node_id = ua.NodeId.from_string(f"ns={self._index};s=Line1.{name}")
        adding = self._line.add_variable(node_id, f"{self._index}:{name}", value, variant, kind)
        self.nodes[name] = await adding

    async def _start(self, values: Mapping[str, Any], security: tuple[Path, Path] | None) -> None:
        server = Server(user_manager=self._users)
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{self.port}")
        policies = [ua.SecurityPolicyType.NoSecurity]
        if security is not None:
            certificate, key = security
            await server.load_certificate(str(certificate))
            await server.load_private_key(str(key))
            policies.append(ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt)
        server.set_security_policy(policies, permission_ruleset=SimpleRoleRuleset())  # type: ignore[no-untyped-call]
        for number in range(self._padding):
            await server.register_namespace(f"urn:other:{number}")
        index = await server.register_namespace(NAMESPACE)
        line = await server.nodes.objects.add_object(index, "Line1")
        self._index, self._line = index, line
        for name, value in values.items():
            await self._add(name, value)
        await server.start()
        self._server = server
        sockets = server.bserver._server.sockets  # type: ignore[union-attr]
        self.port = sockets[0].getsockname()[1]


def member(
    id: str, address: str | None, forms: Mapping[str, Mapping[str, object]], **types: str
) -> Member:
    """A device with properties that have these forms; numbers unless `types` says otherwise."""
    thing = ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Line",
            "properties": {
                name: {"type": types.get(name, "number"), "forms": [form]}
                for name, form in forms.items()
            },
        }
    )
    device = Device(id=id, name=id, thing="line", site="here", link="plant", address=address)
    return Member(device, thing)


async def _cancel_others() -> None:
    """The server leaves loops of its own behind."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)
