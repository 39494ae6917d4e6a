"""How far integrations have come, and what exports have run."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from jalon.adapters.stores.registry.integrations_schema import ExportRun, IntegrationMark
from jalon.adapters.stores.registry.registry import Registry

RUNNING, DONE, FAILED = "running", "done", "failed"


class IntegrationTable:
    """Positions in the feed of the store by integration, and runs of exports by period."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def position(self, integration: str) -> int | None:
        """How far it has come; None before the first time."""
        with self._registry.look() as db:
            found = db.get(IntegrationMark, integration)
            return found.position if found else None

    def move(self, integration: str, position: int) -> None:
        """It has come so far."""
        with self._registry.work() as db:
            db.merge(IntegrationMark(integration=integration, position=position))

    def begin(self, export: str, start_ms: int, end_ms: int, now_ms: int) -> ExportRun:
        """A run of the period begins, once more if there was one."""
        with self._registry.work() as db:
            run = db.scalar(
                select(ExportRun).where(
                    ExportRun.export == export,
                    ExportRun.start_ms == start_ms,
                    ExportRun.end_ms == end_ms,
                )
            )
            if run is None:
                run = ExportRun(
                    export=export,
                    start_ms=start_ms,
                    end_ms=end_ms,
                    tries=0,
                    rows=0,
                    bytes=0,
                    place="",
                )
                db.add(run)
            run.state, run.error, run.begun_ms, run.ended_ms = RUNNING, "", now_ms, None
            run.tries += 1
        return run

    def done(self, run_id: int, now_ms: int, rows: int, size: int, place: str) -> None:
        """The period lies where it should: `rows` in `size` bytes at `place`."""
        with self._registry.work() as db:
            db.execute(
                update(ExportRun)
                .where(ExportRun.id == run_id)
                .values(state=DONE, ended_ms=now_ms, rows=rows, bytes=size, place=place, error="")
            )

    def failed(self, run_id: int, now_ms: int, error: str) -> None:
        """It did not work, and is tried again."""
        with self._registry.work() as db:
            db.execute(
                update(ExportRun)
                .where(ExportRun.id == run_id)
                .values(state=FAILED, ended_ms=now_ms, error=error[:2000])
            )

    def runs(self, export: str, limit: int = 20) -> list[ExportRun]:
        """The newest periods first."""
        with self._registry.look() as db:
            return list(
                db.scalars(
                    select(ExportRun)
                    .where(ExportRun.export == export)
                    .order_by(ExportRun.end_ms.desc(), ExportRun.start_ms.desc())
                    .limit(limit)
                )
            )

    def newest_end(self, export: str) -> int | None:
        """Up to when periods are done, in Unix ms; None before the first."""
        with self._registry.look() as db:
            return db.scalar(
                select(ExportRun.end_ms)
                .where(ExportRun.export == export, ExportRun.state == DONE)
                .order_by(ExportRun.end_ms.desc())
                .limit(1)
            )

    def forget(self, export: str, kept: int) -> None:
        """Keep the newest runs only."""
        with self._registry.work() as db:
            newest = (
                select(ExportRun.id)
                .where(ExportRun.export == export)
                .order_by(ExportRun.end_ms.desc())
                .limit(kept)
            )
            db.execute(
                delete(ExportRun).where(ExportRun.export == export, ExportRun.id.not_in(newest))
            )
