"""Downloads of stored values."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from jalon.app.scopes import Scope
from jalon.vocab.text import N_, Text
from jalon.web.api.devices import From, To, device_or_refuse
from jalon.web.context import Ctx
from jalon.web.problems import Refused
from jalon.web.ranges import between
from jalon.web.scopes import requires

router = APIRouter(prefix="/api/v1", tags=["export"])
FORMATS = ("csv", "parquet")
_PARQUET = "application/vnd.apache.parquet"


@router.get(
    "/export",
    summary="Download values as CSV or Parquet",
    response_class=Response,
    dependencies=[requires(Scope.EXPORT)],
)
def export(
    context: Ctx,
    format: str = "csv",
    device: Annotated[list[str] | None, Query(description="Ids; every device if none.")] = None,
    property: Annotated[list[str] | None, Query()] = None,
    start: From = "",
    to: To = "",
) -> Response:
    """Device, property, time (UTC), value, unit. CSV is streamed; memory stays bounded."""
    running = context.running
    if format not in FORMATS:
        raise Refused(422, Text(N_("An export is csv or parquet.")))
    wanted = {device_or_refuse(context, one).id for one in device or []}
    series = [
        one.id
        for (owner, name), one in running.series.items()
        if (not wanted or owner in wanted) and (not property or name in property)
    ]
    if not series:
        raise Refused(404, Text(N_("There is nothing to export.")))
    solution = context.running.solution
    first = solution.device(next(iter(wanted))) if wanted else None
    zone = solution.site(first.site).tz if first else ZoneInfo("UTC")
    span = between(start, to, zone, running.now_ms())
    name = f"{running.solution.about.id}.{format}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if format == "csv":
        lines = running.store.stream_csv(series, span.start_ms, span.end_ms)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
    scratch = tempfile.TemporaryDirectory(prefix="jalon-export-")
    target = Path(scratch.name) / name
    try:
        running.store.export(target, series, span.start_ms, span.end_ms, format)
    except BaseException:
        scratch.cleanup()
        raise
    cleaning = BackgroundTask(scratch.cleanup)
    return FileResponse(target, media_type=_PARQUET, headers=headers, background=cleaning)
