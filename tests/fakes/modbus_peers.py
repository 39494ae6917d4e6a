"""Real Modbus devices: pymodbus servers, and the devices of a link that reads them."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from jalon.run.fleet import Device
from jalon.run.links import Member
from jalon.run.things import ThingModel

Server = ModbusTcpServer | ModbusSerialServer
T = TypeVar("T")


class Peers:
    """An event loop in a thread, with the servers on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.servers: list[Server] = []

    def start(self, make: Callable[[], Server]) -> Server:
        """Start a server, made on the loop."""

        async def begin() -> Server:
            server = make()
            await server.serve_forever(background=True)
            return server

        server = self._run(begin())
        self.servers.append(server)
        return server

    def write(self, server: Server, unit: int, address: int, values: list[int]) -> None:
        """Give the holding registers of a unit other values."""

        async def write() -> None:
            await server.async_setValues(unit, 16, address, values)

        self._run(write())

    def stop(self, server: Server) -> None:
        """End a server and its connections."""
        self._run(server.shutdown())  # type: ignore[no-untyped-call]
        self.servers.remove(server)

    def close(self) -> None:
        """End everything."""
        for server in list(self.servers):
            self.stop(server)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)

    def _run(self, coroutine: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)


def meter(unit: int, registers: list[int], coils: list[bool] | None = None) -> SimDevice:
    """A device with these holding and input registers from address 0, and coils."""
    words = [SimData(0, values=list(registers), datatype=DataType.REGISTERS)]
    bits = [SimData(0, values=coils or [False] * 16, datatype=DataType.BITS)]
    return SimDevice(unit, simdata=(bits, bits, words, words))


def only(devices: list[SimDevice], at: int) -> Callable[[bool, bytes], bytes]:
    """Lets these units answer and no other; `at` is where the unit stands in a frame."""
    units = {device.id for device in devices}
    return lambda sending, data: b"" if sending and data[at] not in units else data


def tcp(peers: Peers, devices: list[SimDevice], port: int = 0) -> tuple[Server, int]:
    """A TCP server with these units; any other does not answer."""
    server = peers.start(
        lambda: ModbusTcpServer(
            devices, address=("127.0.0.1", port), trace_packet=only(devices, at=6)
        )
    )
    return server, listening_port(server)


def serial(peers: Peers, devices: list[SimDevice], port: str) -> Server:
    """Devices on a serial line; any other unit does not answer."""
    return peers.start(
        lambda: ModbusSerialServer(
            devices, port=port, baudrate=19200, trace_packet=only(devices, at=0)
        )
    )


def listening_port(server: Server) -> int:
    """The TCP port a server has been given."""
    transport = server.transport
    assert isinstance(transport, asyncio.Server)
    port: int = transport.sockets[0].getsockname()[1]
    return port


def member(id: str, unit: str, forms: Mapping[str, Mapping[str, object]]) -> Member:
    """A device with numbers that have these forms."""
    thing = ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Meter",
            "properties": {
                name: {
                    "type": "boolean" if form.get("modv:entity") == "Coil" else "number",
                    "forms": [form],
                }
                for name, form in forms.items()
            },
        }
    )
    device = Device(id=id, name=id, thing="meter", site="here", link="plant", address=unit)
    return Member(device, thing)


def holding(href: str, **more: object) -> dict[str, object]:
    """A form in the holding registers, counted from 0."""
    return {
        "href": href,
        "modv:entity": "HoldingRegister",
        "modv:zeroBasedAddressing": True,
        **more,
    }


@contextmanager
def serial_line() -> Iterator[tuple[str, str]]:
    """Both ends of a serial line, as device files."""
    ends = [os.openpty(), os.openpty()]
    names = (os.ttyname(ends[0][1]), os.ttyname(ends[1][1]))
    masters = (ends[0][0], ends[1][0])
    ending = threading.Event()

    def carry() -> None:
        while not ending.is_set():
            ready, _, _ = select.select(masters, [], [], 0.05)
            for one in ready:
                os.write(masters[1 - masters.index(one)], os.read(one, 512))

    carrier = threading.Thread(target=carry, daemon=True)
    carrier.start()
    yield names
    ending.set()
    carrier.join(5)
    for master, slave in ends:
        os.close(master)
        os.close(slave)
