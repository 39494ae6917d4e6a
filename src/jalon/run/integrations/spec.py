"""What leaves for other systems, as it is written in `integrations.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from jalon.run.fleet import Zone
from jalon.run.integrations.peers import Broker, CaFile, Peer, SecretName, Url
from jalon.run.integrations.select import Select
from jalon.run.ports import Calendar
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict, refusal
from jalon.vocab.text import N_, Text


class Integration(Strict):
    """What every integration has."""

    id: Identifier = Field(description="Id of the integration, unique in this file.")
    select: Select = Field(default_factory=Select, description="Which values; all without it.")
    disabled: bool = Field(default=False, description="Switched off for now.")


class WebhookEvent(StrEnum):
    """What a webhook is called for."""

    ALARMS = "alarms"
    CALLS = "calls"
    STATES = "states"
    READINGS = "readings"


class Webhook(Integration):
    """A web service that is called with JSON: durable, in the order of what happened, tried again
    until it answers 2xx."""

    url: Url = Field(description="Where it is posted to.")
    secret: SecretName | None = Field(
        default=None, description="Name of the secret it is signed with (Standard Webhooks)."
    )
    events: list[WebhookEvent] = Field(
        default_factory=lambda: [WebhookEvent.CALLS],
        min_length=1,
        description="alarms: what becomes of alarms; calls: the `call` of rules; states: what"
        " devices report of their state; readings: the values that are stored, in batches.",
    )
    format: Literal["json", "cloudevents"] = Field(
        default="json", description="A plain object, or a CloudEvent 1.0 in structured JSON."
    )
    template: dict[str, object] | None = Field(
        default=None,
        description="The body instead of ours: texts that are one place such as {severity} become"
        " that value, places inside longer texts are filled in.",
    )
    private: bool = Field(
        default=False,
        description="The service is on this machine or in the local network; without it only"
        " public addresses over https are called.",
    )
    ca: CaFile | None = Field(
        default=None, description="File of the authority its certificate is from, if a private one."
    )
    batch: int = Field(default=500, ge=1, le=5000, description="Most readings in one call.")

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.template is not None and self.format == "cloudevents":
            raise refusal(Text(N_("A CloudEvent has no template: write one of the two.")))
        return self


class Republish(Integration):
    """Values published again as they come, on a broker where others listen."""

    broker: Broker | None = Field(
        default=None, description="Another MQTT broker; our own without it."
    )
    topic: str = Field(
        default="out/{id}/{device}/{property}",
        min_length=1,
        max_length=500,
        description="Topic, with the places {id}, {site}, {room}, {thing}, {device}, {property}.",
    )
    retain: bool = Field(default=False, description="The broker keeps the last value of each.")
    queue: int = Field(
        default=10_000,
        ge=100,
        le=1_000_000,
        description="Values that wait while the broker is away; beyond it the oldest are dropped,"
        " and counted.",
    )


class S3(Strict):
    """A bucket, at Amazon or at any other service that speaks S3."""

    endpoint: Url | None = Field(
        default=None, description="The service, as https://s3.example.org; Amazon's without it."
    )
    bucket: str = Field(min_length=3, max_length=63, description="Name of the bucket.")
    region: str = Field(default="us-east-1", min_length=1, description="Region of the bucket.")
    prefix: str = Field(
        default="", pattern=r"^([^/\s][^\s]*)?$", description="Before every name, as iot/school."
    )
    access_key: SecretName = Field(description="Name of the secret with the access key id.")
    secret_key: SecretName = Field(description="Name of the secret with the secret access key.")
    unencrypted: bool = Field(
        default=False,
        description="Accept that a service on another machine is spoken to without encryption.",
    )

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.endpoint is not None and self.endpoint.startswith("http://"):
            Peer.require_encryption(self.endpoint.split("/")[2], encrypted=self.unencrypted)
        return self


class Export(Integration):
    """A file of values for every hour, day, week or month that is over."""

    every: Calendar = Field(description="One file an hour, day, week or month, in local time.")
    zone: Zone | None = Field(
        default=None, description="IANA zone of these days; that of the first site without it."
    )
    wait: Duration = Field(
        default=600_000,
        ge=0,
        le=7 * 86_400_000,
        description="How long after its end a period is written, so that late values are in it.",
    )
    since: date | None = Field(
        default=None,
        description="First day, for a history that is there already; from now on without it.",
    )
    format: Literal["csv", "parquet"] = Field(default="csv", description="Format of the files.")
    folder: str | None = Field(
        default=None,
        description="Folder they go to, in the solution's .jalon folder or as a whole path.",
    )
    s3: S3 | None = Field(default=None, description="Or the bucket they go to.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.folder is None) == (self.s3 is None):
            raise refusal(Text(N_("An export goes to one place: write `folder`, or `s3`.")))
        return self


class Postgresql(Integration, Peer):
    """A database that gets every reading, once."""

    port: int = Field(default=5432, ge=1, le=65535, description="Port of the server.")
    database: str = Field(min_length=1, max_length=63, description="Name of the database.")
    user: str = Field(min_length=1, max_length=63, description="User name there.")
    db_schema: str = Field(
        default="public",
        alias="schema",
        min_length=1,
        max_length=63,
        description="Schema of the tables; it has to exist, or the user may make it.",
    )
    prefix: str = Field(
        default="jalon_",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,39}$",
        description="Before their names.",
    )
    backfill: bool = Field(
        default=False, description="Copy the history that is there already, too."
    )


class HomeAssistant(Integration):
    """Jalon's devices, announced to Home Assistant by MQTT discovery."""

    broker: Broker | None = Field(
        default=None, description="The broker Home Assistant listens to; our own without it."
    )
    prefix: str = Field(
        default="homeassistant",
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Its discovery prefix.",
    )
    language: Literal["fr", "en"] = Field(default="en", description="Language of the names.")
    commands: bool = Field(
        default=False, description="Its users may write properties and call actions."
    )


class IntegrationsFile(Strict):
    """The whole of `integrations.yaml`."""

    webhooks: list[Webhook] = Field(default_factory=list, description="Web services to call.")
    republish: list[Republish] = Field(
        default_factory=list, description="Values published again over MQTT."
    )
    exports: list[Export] = Field(default_factory=list, description="Files of values.")
    postgresql: list[Postgresql] = Field(
        default_factory=list, description="Databases that follow the store."
    )
    home_assistant: list[HomeAssistant] = Field(
        default_factory=list, description="Home Assistants that are told of the devices."
    )

    @property
    def webhook_ids(self) -> frozenset[str]:
        """Ids of the webhooks."""
        return frozenset(one.id for one in self.webhooks)

    def webhook(self, webhook_id: str) -> Webhook | None:
        """The webhook of that id."""
        return next((one for one in self.webhooks if one.id == webhook_id), None)

    def every(self) -> Iterator[tuple[str, int, Integration]]:
        """Each entry with the name of its list and its place there."""
        for name in ("webhooks", "republish", "exports", "postgresql", "home_assistant"):
            for index, one in enumerate(getattr(self, name)):
                yield name, index, one
