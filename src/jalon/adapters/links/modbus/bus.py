"""One Modbus connection while it stands: who is read when, who is silent, what is refused."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Sequence

import orjson
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from jalon.adapters.links.modbus import codec
from jalon.adapters.links.modbus.codec import Entity, Span
from jalon.adapters.links.modbus.settings import Settings
from jalon.adapters.links.modbus.turns import Round, Silence
from jalon.adapters.outbox import Outbox
from jalon.run.links import Host, LinkDown, telemetry_topic
from jalon.vocab.text import N_, Text

_STOP_LOOK_S = 0.2
_GIVE_UP_AFTER = 3
"""Silent turns of every unit before the connection itself is suspected."""
_NO_SUCH = (1, 2, 3)
"""Exception codes: no such function, address or value. Asking again changes nothing."""
_UNIT_AWAY = (10, 11)
"""Exception codes of a gateway that cannot reach the unit."""

# What goes wrong is told as a note or as LinkDown; the library's own words would come on top.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)

Client = AsyncModbusTcpClient | AsyncModbusSerialClient


def serve(settings: Settings, turns: list[Round], host: Host, outbox: Outbox) -> None:
    """Hold one conversation, until told to stop. Raises LinkDown."""
    asyncio.run(_until_stopped(settings, turns, host, outbox))


async def _until_stopped(
    settings: Settings, turns: list[Round], host: Host, outbox: Outbox
) -> None:
    client = _client(settings)
    bus = _Bus(client, settings, host, outbox)
    conversing = asyncio.ensure_future(bus.converse(turns))
    try:
        while not host.stop.is_set() and not conversing.done():
            await asyncio.wait({conversing}, timeout=_STOP_LOOK_S)
        if conversing.done():
            conversing.result()
        conversing.cancel()
    finally:
        client.close()


def _client(settings: Settings) -> Client:
    """Retries and reconnection are ours: the library's would hide who is silent."""
    if settings.kind == "modbus-tcp":
        client: Client = AsyncModbusTcpClient(
            str(settings.host),
            port=settings.port,
            framer=FramerType.RTU if settings.framing == "rtu" else FramerType.SOCKET,
            timeout=settings.timeout_s,
            retries=0,
            reconnect_delay=0,
        )
    else:
        client = AsyncModbusSerialClient(
            str(settings.serial_port),
            baudrate=settings.baud_rate,
            parity=settings.parity[0].upper(),
            stopbits=settings.stop_bits,
            timeout=settings.timeout_s,
            retries=0,
            reconnect_delay=0,
        )
    client.set_max_no_responses(1_000_000)
    return client


class _Bus:
    """One connection while it stands: turns, silence, and what refuses to be read."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        host: Host,
        outbox: Outbox,
    ) -> None:
        self._client = client
        self._settings = settings
        self._host = host
        self._outbox = outbox
        self._silences: dict[int, Silence] = {}
        self._told: set[tuple[str, str]] = set()

    async def converse(self, turns: list[Round]) -> None:
        """Connect and take turns for ever. Raises LinkDown."""
        where = self._settings.where
        if not await self._client.connect():
            reason = await _why_not(self._settings)
            raise LinkDown(Text(N_("{where}: {reason}"), {"where": where, "reason": reason}))
        self._host.up(where)
        begun = time.monotonic()
        for turn in turns:
            turn.due_s = begun
        self._silences = {turn.unit: Silence() for turn in turns}
        if not turns:  # no device yet: the connection alone is shown
            await asyncio.Event().wait()
        while True:
            turn = min(turns, key=lambda one: max(one.due_s, self._silences[one.unit].until_s))
            silence = self._silences[turn.unit]
            await asyncio.sleep(max(turn.due_s, silence.until_s) - time.monotonic())
            turn.try_again(time.monotonic())
            try:
                await self._take(turn)
            except _Silent as silent:
                self._is_silent(turn, silent)
            else:
                if turn.spans and silence.times:
                    self._tell(N_("Unit {unit} answers again."), unit=turn.unit)
                    self._silences[turn.unit] = Silence()
            turn.took_place(time.monotonic())

    async def _take(self, turn: Round) -> None:
        """Read everything of one round and hand it over as one message. Raises _Silent; what was
        read before that is handed over all the same."""
        at_ms = self._host.now_ms()
        found: dict[str, object] = {}
        try:
            await self._fill(turn, found)
        finally:
            if found:
                payload = orjson.dumps({"ts": at_ms, **found})
                self._outbox.put(telemetry_topic(turn.device), payload)

    async def _fill(self, turn: Round, found: dict[str, object]) -> None:
        """Read the spans of a round, halving those that the device refuses."""
        waiting = list(turn.spans)
        while waiting:
            span = waiting.pop(0)
            data, code = await self._read(turn.unit, span)
            if data is not None:
                good, silent = codec.values(span, data)
                found |= good
                self._told.discard((turn.device, ""))
                self._tell_unreadable(turn, good, silent)
            elif code not in _NO_SUCH:
                message = N_("{device} answers with the Modbus error {code} for now.")
                self._tell_once((turn.device, ""), message, device=turn.device, code=code)
            elif (point := turn.refused(span, time.monotonic())) is None:
                waiting[:0] = span.halves()
            else:
                self._tell(
                    N_("{device} does not have {property} ({entity} {address}): left out."),
                    device=turn.device,
                    property=point.name,
                    entity=point.entity,
                    address=point.address,
                )

    async def _read(
        self, unit: int, span: Span
    ) -> tuple[Sequence[int] | Sequence[bool] | None, int]:
        """The registers or bits of a span, or None and the exception code of the device.
        Raises _Silent."""
        known_silent = self._silences[unit].times > 0
        for attempt in range(1 if known_silent else self._settings.retries + 1):
            if attempt and self._settings.is_rtu:
                # What is still under way must not be taken for the answer to the next request.
                await asyncio.sleep(self._settings.timeout_s)
            if self._settings.quiet_s:
                await asyncio.sleep(self._settings.quiet_s)
            try:
                answer = await self._ask(unit, span)
            except ModbusException:
                if not self._client.connected:
                    raise self._down(N_("{where} closed the connection.")) from None
                continue
            if answer.isError():
                if answer.exception_code in _UNIT_AWAY:
                    continue
                return None, answer.exception_code
            data = answer.bits if span.entity.is_bits else answer.registers
            if len(data) >= span.count:
                return data[: span.count], 0
        raise _Silent

    def _ask(self, unit: int, span: Span) -> Awaitable[ModbusPDU]:
        read = {
            Entity.COIL: self._client.read_coils,
            Entity.DISCRETE_INPUT: self._client.read_discrete_inputs,
            Entity.HOLDING_REGISTER: self._client.read_holding_registers,
            Entity.INPUT_REGISTER: self._client.read_input_registers,
        }[span.entity]
        return read(span.start, count=span.count, device_id=unit)

    def _is_silent(self, turn: Round, silent: _Silent) -> None:
        """Leave the unit alone for a while. Raises LinkDown when all of them are silent."""
        silence = self._silences[turn.unit]
        silence.lasts(time.monotonic(), turn.every_s)
        if silence.times == 1:
            self._tell(N_("Unit {unit} does not answer."), unit=turn.unit)
        if all(one.times >= _GIVE_UP_AFTER for one in self._silences.values()):
            raise self._down(N_("No unit answers at {where}.")) from silent

    def _down(self, message: str) -> LinkDown:
        return LinkDown(Text(message, {"where": self._settings.where}))

    def _tell_unreadable(
        self, turn: Round, good: dict[str, object], silent: tuple[str, ...]
    ) -> None:
        for name in good:
            self._told.discard((turn.device, name))
        for name in silent:
            self._tell_once(
                (turn.device, name),
                N_("{device} gives no number for {property} (NaN)."),
                device=turn.device,
                property=name,
            )

    def _tell_once(self, key: tuple[str, str], message: str, **params: object) -> None:
        if key not in self._told:
            self._told.add(key)
            self._tell(message, **params)

    def _tell(self, message: str, **params: object) -> None:
        self._host.note(Text(message, params))


async def _why_not(settings: Settings) -> str | Text:
    """Why there is no connection, in the words of the system: the library keeps it to itself."""
    try:
        if settings.kind == "modbus-rtu":
            os.close(os.open(str(settings.serial_port), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
        else:
            opening = asyncio.open_connection(settings.host, settings.port)
            _, writer = await asyncio.wait_for(opening, settings.timeout_s)
            writer.close()
    except TimeoutError:
        return Text(N_("no answer in time"))
    except OSError as error:
        return os.strerror(error.errno) if error.errno else str(error)
    return Text(N_("it could not be opened; is another program using it?"))


class _Silent(Exception):  # noqa: N818 - an outcome: nobody answered in time
    """A unit did not answer, however often it was asked."""
