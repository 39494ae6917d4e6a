"""From an entry of `integrations.yaml` to the job that does it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from jalon.adapters.sinks.places import Access, Folder, S3Bucket
from jalon.adapters.sinks.postgresql import PostgresqlTable, Target
from jalon.adapters.stores.registry import IntegrationTable
from jalon.app.external_secrets import read_external
from jalon.app.ground import Ground
from jalon.app.integrations.announcing import Announcing
from jalon.app.integrations.calling import Batching, Calling
from jalon.app.integrations.copying import Copying
from jalon.app.integrations.exporting import Exporting
from jalon.app.integrations.following import Marks, Selection
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.republishing import Republishing
from jalon.app.integrations.runner import Job
from jalon.app.local import data_folder
from jalon.run.integrations.ports import Bucket, SinkDown, Table
from jalon.run.integrations.spec import (
    S3,
    Export,
    HomeAssistant,
    Integration,
    Postgresql,
    Republish,
    Webhook,
    WebhookEvent,
)
from jalon.vocab.text import N_, Text


class Checked(Job, Protocol):
    """A job whose other side can be tried."""

    def check(self) -> object:
        """Try it. Raises SinkDown."""


def works_by_itself(settings: Integration) -> bool:
    """Whether it needs a thread: a webhook only does to follow the store."""
    return not isinstance(settings, Webhook) or follows(settings)


def follows(settings: Integration) -> bool:
    """Whether it must miss nothing that is stored."""
    if isinstance(settings, Webhook):
        return WebhookEvent.READINGS in settings.events
    return isinstance(settings, Postgresql)


def make(settings: Integration, ground: Ground, outside: Outside, marks: Marks) -> Checked:
    """The job. Nothing is connected yet."""
    selection = Selection(outside.store, ground.solution, settings.select)
    match settings:
        case Webhook():
            calling = Calling(ground, lambda: outside.outbox)
            return Batching(settings, calling, outside, selection, ground, marks)
        case Republish():
            return Republishing(settings, ground, outside, selection)
        case HomeAssistant():
            return Announcing(settings, ground, outside, selection)
        case Postgresql():
            return Copying(
                settings.id,
                outside.store,
                selection,
                lambda: open_table(settings, ground),
                marks,
                settings.backfill,
            )
        case Export():
            return Exporting(
                settings,
                zone_of(settings, ground),
                outside.store,
                selection,
                lambda: open_bucket(settings, ground.folder),
                IntegrationTable(ground.registry),
                data_folder(ground.folder) / "exporting",
            )
    raise TypeError(settings)


def zone_of(settings: Export, ground: Ground) -> ZoneInfo:
    """In which days are counted."""
    if settings.zone is not None:
        return ZoneInfo(settings.zone)
    sites = ground.solution().fleet.sites
    return sites[0].tz if sites else ZoneInfo("UTC")


def open_table(settings: Postgresql, ground: Ground) -> Table:
    """Connect to a database. Raises SinkDown."""
    password = _secret(ground.folder, settings.password) if settings.password else None
    target = Target(
        settings.host,
        settings.port,
        settings.database,
        settings.user,
        password,
        settings.encrypted,
        settings.ca,
        settings.db_schema,
        settings.prefix,
    )
    return PostgresqlTable(target, ground.solution().about.id, settings.id)


def open_bucket(settings: Export, folder: Path) -> Bucket:
    """Where the files of an export go. Raises SinkDown."""
    if settings.s3 is None:
        # A path from the root stays as it is.
        return Folder(data_folder(folder) / (settings.folder or "exports"))
    return S3Bucket(_access(settings.s3, folder))


def _access(s3: S3, folder: Path) -> Access:
    return Access(
        s3.endpoint or "",
        s3.bucket,
        s3.region,
        s3.prefix,
        _secret(folder, s3.access_key),
        _secret(folder, s3.secret_key),
    )


def _secret(folder: Path, name: str) -> str:
    found = read_external(folder, name)
    if found is None:
        raise SinkDown(Text(N_("The secret “{name}” has not been set."), {"name": name}))
    return found.strip()
