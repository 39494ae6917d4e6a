"""What `links.yaml` says of a Modbus link."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from jalon.run.links import LinkSettings
from jalon.vocab.entries import refusal
from jalon.vocab.text import N_, Text

_CHARACTER_BITS = 11
"""Bits of a character on an RTU line: start, eight, parity, stop."""


class Settings(LinkSettings):
    """Modbus devices that are polled, over TCP (`modbus-tcp`) or on a serial line (`modbus-rtu`).

    The link reads only. Modbus knows neither passwords nor encryption: keep it on a network of
    its own.
    """

    kind: Literal["modbus-tcp", "modbus-rtu"] = Field(description="Over TCP, or a serial line.")
    host: str | None = Field(default=None, description="TCP: name or address of the device.")
    port: int = Field(default=502, ge=1, le=65535, description="TCP: port.")
    framing: Literal["tcp", "rtu"] = Field(
        default="tcp", description="TCP: `rtu` for a converter that passes serial frames as is."
    )
    serial_port: str | None = Field(
        default=None, description="Serial: its device file, as /dev/ttyUSB0."
    )
    baud_rate: int = Field(default=19200, ge=300, le=4_000_000, description="Serial: bits/s.")
    parity: Literal["even", "odd", "none"] = Field(default="even", description="Serial: parity.")
    stop_bits: Literal[1, 2] = Field(default=1, description="Serial: stop bits.")
    poll_s: float = Field(
        default=10, gt=0, description="Seconds between two reads; a form's `modv:pollingTime` wins."
    )
    timeout_s: float = Field(default=1, gt=0, le=60, description="How long an answer may take.")
    retries: int = Field(
        default=1, ge=0, le=10, description="How often a read without answer is tried again."
    )
    pause_ms: float | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="Silence between two requests; on a serial line 3.5 characters at least.",
    )
    gap: int = Field(
        default=8, ge=0, le=124, description="Unused registers read along to save a request."
    )
    most_registers: int = Field(
        default=125,
        ge=1,
        le=125,
        description="Registers in one request, for devices that take less.",
    )

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        serial = {"serial_port", "baud_rate", "parity", "stop_bits"}
        tcp = {"host", "port", "framing"}
        needed, foreign = ("host", serial) if self.kind == "modbus-tcp" else ("serial_port", tcp)
        if getattr(self, needed) is None:
            message = N_("A link of the kind {kind} needs `{key}`.")
            raise refusal(Text(message, {"kind": self.kind, "key": needed}))
        for key in sorted(foreign & self.model_fields_set):
            message = N_("`{key}` is not for a link of the kind {kind}.")
            raise refusal(Text(message, {"kind": self.kind, "key": key}))
        return self

    @property
    def where(self) -> str:
        """The other end, for people."""
        tcp = self.kind == "modbus-tcp"
        return f"{self.host}:{self.port}" if tcp else str(self.serial_port)

    @property
    def is_rtu(self) -> bool:
        """Whether frames carry no transaction number: a late answer looks like the next one's."""
        return self.kind == "modbus-rtu" or self.framing == "rtu"

    @property
    def quiet_s(self) -> float:
        """The silence between two requests."""
        least = 0.0
        if self.kind == "modbus-rtu":
            least = max(3.5 * _CHARACTER_BITS / self.baud_rate, 0.00175)
        return max(least, (self.pause_ms or 0) / 1000)
