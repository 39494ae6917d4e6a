"""What sizing needs to know beyond the architecture: `sizing.yaml`.

Everything has a default; those that count are shown as assumptions beside the results.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Any

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from jalon.vocab.entries import Identifier, Strict, Wording, refusal
from jalon.vocab.text import N_, Text


def _or_number(core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    written = handler.resolve_ref_schema(handler(core_schema))
    return {"anyOf": [{"type": "number", "minimum": 0}, dict(written)]}


_ORDER = Text(N_("“low” is at most “typical”, and “typical” at most “high”."))


class Spread(Strict):
    """A figure that is not known exactly: one number, or what it is at least, usually, at most."""

    low: float = Field(ge=0, description="At least.")
    typical: float = Field(ge=0, description="Usually.")
    high: float = Field(ge=0, description="At most.")

    @model_validator(mode="before")
    @classmethod
    def _one_number(cls, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"low": value, "typical": value, "high": value}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Spread:
        if not self.low <= self.typical <= self.high:
            raise refusal(_ORDER)
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _or_number(core_schema, handler)


class Amount(Strict):
    """Euros: one amount, or what it is at least, usually, at most."""

    low: Decimal = Field(ge=0, description="At least, in euros.")
    typical: Decimal = Field(ge=0, description="Usually, in euros.")
    high: Decimal = Field(ge=0, description="At most, in euros.")

    @model_validator(mode="before")
    @classmethod
    def _one_amount(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: _exact(one) for key, one in value.items()}
        exact = _exact(value)
        if isinstance(exact, Decimal):
            return {"low": exact, "typical": exact, "high": exact}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Amount:
        if not self.low <= self.typical <= self.high:
            raise refusal(_ORDER)
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _or_number(core_schema, handler)


def _exact(value: object) -> object:
    """A number as it was written; whatever is none stays, and is refused later."""
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return Decimal(str(value))
    return value


class PowerSource(StrEnum):
    """What a component lives on."""

    BATTERY = "battery"
    MAINS = "mains"
    VEHICLE = "vehicle"


class BatteryPack(Strict):
    """The cells of one device."""

    cell: Identifier = Field(description="The cell, by its id in the catalogue: er14505, cr2032…")
    count: int = Field(default=1, ge=1, le=100, description="Cells side by side.")
    usable: Spread = Field(
        default=Spread(low=0.8, typical=0.85, high=0.9),
        description="Share of the capacity used before the device's voltage limit;"
        " ageing included.",
    )
    cold_share: float = Field(
        default=0, ge=0, le=1, description="Share of the time near −20 °C, where cells give less."
    )
    shelf_life_y: Spread | None = Field(
        default=None, description="Years a cell keeps; by default those of the catalogue."
    )


class Activity(Strict):
    """Something a device does that costs charge: measuring, displaying, a pump."""

    id: Identifier = Field(description="Id of the activity.")
    name: Wording = Field(description="What it does.")
    current_ma: Spread = Field(description="Current in mA while it lasts.")
    seconds: Spread = Field(description="How long it lasts, in seconds.")
    per_day: float | None = Field(
        default=None, ge=0, description="How often a day; by default once a message."
    )


class SpreadingShares(Strict):
    """Which share of the devices sends with each spreading factor; only the ratio counts."""

    sf7: float = Field(default=0, ge=0, description="Share with SF7 (DR5).")
    sf8: float = Field(default=0, ge=0, description="Share with SF8 (DR4).")
    sf9: float = Field(default=0, ge=0, description="Share with SF9 (DR3).")
    sf10: float = Field(default=0, ge=0, description="Share with SF10 (DR2).")
    sf11: float = Field(default=0, ge=0, description="Share with SF11 (DR1).")
    sf12: float = Field(default=0, ge=0, description="Share with SF12 (DR0).")

    @model_validator(mode="after")
    def _some(self) -> SpreadingShares:
        if not any(self.by_factor.values()):
            raise refusal(Text(N_("At least one spreading factor needs a share above zero.")))
        return self

    @property
    def by_factor(self) -> dict[int, float]:
        """Spreading factor → share, those above zero; not normalised."""
        shares = {number: float(getattr(self, f"sf{number}")) for number in range(7, 13)}
        return {number: share for number, share in shares.items() if share > 0}


class Lorawan(Strict):
    """How a component uses LoRaWAN."""

    spreading: SpreadingShares = Field(
        default=SpreadingShares(sf7=30, sf8=20, sf9=20, sf10=15, sf11=10, sf12=5),
        description="How the devices are spread over data rates.",
    )
    sub_band: str = Field(default="868.0", description="Sub-band it sends in, by its lower edge.")
    channels: int = Field(default=8, ge=1, le=64, description="Channels of the gateways.")
    confirmed: float = Field(
        default=0, ge=0, le=1, description="Share of uplinks that ask for an acknowledgement."
    )
    downlinks_per_day: float = Field(default=0, ge=0, description="Other downlinks, a device.")
    mac_bytes: int = Field(default=0, ge=0, le=15, description="Bytes of MAC commands (FOpts).")
    public: bool = Field(default=False, description="A public network with a fair use policy.")
    neighbours: int = Field(
        default=0, ge=0, description="Other devices in reach that send as much as one of these."
    )


class DeviceSizing(Strict):
    """What a component's devices live on, how they send and what they cost."""

    id: Identifier = Field(description="The component of architecture.yaml.")
    power: PowerSource | None = Field(
        default=None, description="Battery, mains or vehicle; battery when one is given."
    )
    battery: BatteryPack | None = Field(default=None, description="The cells of one device.")
    profile: Identifier | None = Field(
        default=None, description="Energy of its radio, by its id in the catalogue."
    )
    sleep_ua: Spread | None = Field(
        default=None, description="Current asleep in µA; by default that of the profile."
    )
    activities: list[Activity] = Field(
        default_factory=list, description="What it does besides sending."
    )
    messages_per_day: float | None = Field(
        default=None, ge=0, description="By default from the rate of its flow, then of its things."
    )
    retries: Spread = Field(
        default=Spread(low=0, typical=0.05, high=0.2),
        description="Share of messages that have to be sent again, below 1.",
    )
    lorawan: Lorawan | None = Field(default=None, description="How it uses LoRaWAN.")
    replaceable: bool = Field(
        default=True, description="Whether its battery is changed; else the device is."
    )
    power_w: Spread | None = Field(default=None, description="Power on mains in W, all the time.")
    hardware_eur: Amount | None = Field(default=None, description="One device, bought.")
    installation_eur: Amount | None = Field(default=None, description="One device, put in place.")
    connectivity_eur_year: Amount | None = Field(
        default=None, description="Subscription of one device a year."
    )
    upkeep_eur_year: Amount | None = Field(
        default=None, description="Other upkeep of one device a year."
    )

    @model_validator(mode="after")
    def _some_arrive(self) -> DeviceSizing:
        if self.retries.high >= 1:
            raise refusal(Text(N_("“retries” is a share below 1: some messages have to arrive.")))
        return self


class ApplicationProtocol(StrEnum):
    """What carries a payload."""

    MQTT = "mqtt"
    MQTT5 = "mqtt5"
    COAP = "coap"
    HTTP = "http"
    LORAWAN = "lorawan"
    RAW = "raw"


class Stack(Strict):
    """Protocols one upon the other; by default guessed from the flow's protocol and protection."""

    application: ApplicationProtocol = Field(description="What carries the payload.")
    qos: int = Field(default=1, ge=0, le=2, description="Quality of service of MQTT.")
    security: str = Field(
        default="none", description="Record layer by its id in the catalogue: tls-1.3, dtls-1.3…"
    )
    transport: str = Field(default="tcp", description="tcp, tcp-timestamps, udp or none.")
    network: str = Field(default="ipv4", description="ipv4, ipv6, 6lowpan or none.")


class FlowSizing(Strict):
    """What a flow needs beyond architecture.yaml to be computed."""

    id: Identifier = Field(description="The flow of architecture.yaml.")
    stack: Stack | None = Field(default=None, description="Its protocols.")
    per_day: float | None = Field(
        default=None, ge=0, description="Messages of one sender a day, for “on event”."
    )
    topic: str = Field(default="", description="MQTT topic, CoAP or HTTP path; its length counts.")
    keepalive_s: float | None = Field(
        default=None, gt=0, description="Seconds between two signs of life; MQTT's default is 60."
    )
    reconnects_per_day: float = Field(default=1, ge=0, description="New connections a day.")
    handshake_bytes: int | None = Field(
        default=None, ge=0, description="Bytes of one handshake, when it was measured."
    )
    plan_mb_month: float | None = Field(
        default=None, gt=0, description="What the subscription allows one sender, in MB a month."
    )
    seconds: Spread | None = Field(
        default=None, description="How long one message takes; by default that of its protocol."
    )


class Step(Strict):
    """Time on a way that belongs to no flow: a rule that waits, a person who looks."""

    name: Wording = Field(description="What happens.")
    seconds: Spread = Field(description="How long it takes, in seconds.")


class DataPath(Strict):
    """The way of a message through the flows, of which the time is added up."""

    id: Identifier = Field(description="Id of the way.")
    name: Wording = Field(description="What travels.")
    subject: str = Field(
        default="alarm.latency", description="The measure of requirements that it estimates."
    )
    flows: list[Identifier] = Field(description="The flows, in their order.")
    steps: list[Step] = Field(default_factory=list, description="What takes time besides.")


class SharedCost(Strict):
    """A cost of the whole, shared by all devices."""

    id: Identifier = Field(description="Id of the cost.")
    name: Wording = Field(description="What it is for.")
    once_eur: Amount | None = Field(default=None, description="Once.")
    year_eur: Amount | None = Field(default=None, description="Every year.")
    power_w: Spread | None = Field(default=None, description="Power in W, all the time.")


class Prices(Strict):
    """What is the same for all."""

    electricity_kwh: Amount = Field(
        default=Amount(low=Decimal("0.18"), typical=Decimal("0.22"), high=Decimal("0.28")),
        description="Euros a kWh.",
    )
    battery_change: Amount = Field(
        default=Amount(low=Decimal(10), typical=Decimal(15), high=Decimal(25)),
        description="Work and way for changing the battery of one device, cells excluded.",
    )


class SizingFile(Strict):
    """The whole of `sizing.yaml`."""

    years: int = Field(default=5, ge=1, le=30, description="Over how many years costs are counted.")
    devices: list[DeviceSizing] = Field(
        default_factory=list, description="Energy, radio and costs, a component each."
    )
    flows: list[FlowSizing] = Field(
        default_factory=list, description="What flows need beyond architecture.yaml."
    )
    paths: list[DataPath] = Field(
        default_factory=list, description="Ways of which the time is added up."
    )
    shared: list[SharedCost] = Field(
        default_factory=list,
        description="Costs shared by all devices: server, development, upkeep.",
    )
    prices: Prices = Field(default=Prices(), description="What is the same for all.")
    peak: float = Field(
        default=10, ge=1, description="How many times the mean rate has to be borne for a moment."
    )
