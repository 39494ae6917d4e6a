"""Alarms and silences: read, acknowledge, assign, comment, silence, close."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from jalon.app.alarms.desk import By
from jalon.app.alarms.service import Alarms
from jalon.app.alarms.shapes import (
    ALARMS,
    AT_MOST,
    SILENCES,
    Acknowledged,
    Acknowledgement,
    AlarmAct,
    AlarmAssignment,
    AlarmDetail,
    AlarmList,
    AlarmShape,
    AlarmSilence,
    EntryShape,
    SilenceRequest,
    SilenceShape,
)
from jalon.app.scopes import Scope
from jalon.run.alarms.alarm import Wish
from jalon.run.alarms.life import HOLDING, UNSEEN
from jalon.vocab.text import N_, Text
from jalon.web.alarm_desk import AlarmsDep, Who, Wished, conflicts
from jalon.web.api.live import still_allowed
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused
from jalon.web.scopes import requires
from jalon.web.shell import Page, PageDep

router = APIRouter(tags=["alarms"])
_BEAT_S = 2.0
_WRITES = [requires(Scope.ALARMS)]
_SILENCES = [requires(Scope.RULES)]


@router.get(ALARMS, summary="Alarms")
def listed(
    alarms: AlarmsDep,
    wanted: Wished,
    limit: Annotated[int, Query(ge=1, le=AT_MOST)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> AlarmList:
    """Open ones first, the most severe of them first, then the newest."""
    found = alarms.reader.select(wanted, limit, offset)
    total = alarms.reader.count(wanted)
    return AlarmList(total=total, offset=offset, alarms=[AlarmShape.of(one) for one in found])


@router.post(f"{ALARMS}/acknowledge", summary="Acknowledge many alarms", dependencies=_WRITES)
def acknowledge_many(alarms: AlarmsDep, who: Who, asked: Acknowledgement) -> Acknowledged:
    """Those that wait for it are acknowledged, the others stay as they are."""
    done = alarms.desk.acknowledge_all(asked.alarms, By(who, asked.comment))
    return Acknowledged(acknowledged=done)


@router.get(
    f"{ALARMS}/live",
    summary="News of alarms as server-sent events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events."}},
)
async def live(context: Ctx, page: PageDep, alarms: AlarmsDep) -> Response:
    """`alarms`: how many are active and how many nobody has acknowledged, now and each time
    something became of one; `mark` grows with it. The stream ends when the session does."""
    if context.hub.full:
        raise Refused(503, Text(N_("Too many pages are watching. Try again later.")))
    return StreamingResponse(
        _events(context, page, alarms),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


@router.get(f"{ALARMS}/{{alarm_id}}", summary="One alarm with its history")
def detail(alarms: AlarmsDep, alarm_id: int) -> AlarmDetail:
    """Every line of its history, the oldest first."""
    history = [EntryShape.of(one) for one in alarms.reader.history(alarm_id)]
    return AlarmDetail(alarm=_shape(alarms, alarm_id), history=history)


@router.post(f"{ALARMS}/{{alarm_id}}/acknowledge", summary="Acknowledge", dependencies=_WRITES)
def acknowledge(alarms: AlarmsDep, who: Who, alarm_id: int, asked: AlarmAct) -> AlarmShape:
    """Nobody else is told of it. Counts for the alarms it stands for too."""
    _shape(alarms, alarm_id)
    with conflicts():
        alarms.desk.acknowledge(alarm_id, By(who, asked.comment, asked.version))
    return _shape(alarms, alarm_id)


@router.post(f"{ALARMS}/{{alarm_id}}/assign", summary="Assign to somebody", dependencies=_WRITES)
def assign(alarms: AlarmsDep, who: Who, alarm_id: int, asked: AlarmAssignment) -> AlarmShape:
    """Who takes care of it."""
    _shape(alarms, alarm_id)
    with conflicts():
        alarms.desk.assign(alarm_id, asked.person, By(who, asked.comment, asked.version))
    return _shape(alarms, alarm_id)


@router.post(f"{ALARMS}/{{alarm_id}}/comment", summary="Comment", dependencies=_WRITES)
def comment(alarms: AlarmsDep, who: Who, alarm_id: int, asked: AlarmAct) -> AlarmShape:
    """A line in its history, also when it is closed."""
    _shape(alarms, alarm_id)
    with conflicts():
        alarms.desk.comment(alarm_id, By(who, asked.comment, asked.version))
    return _shape(alarms, alarm_id)


@router.post(f"{ALARMS}/{{alarm_id}}/silence", summary="Silence for a time", dependencies=_WRITES)
def silence(
    context: Ctx, alarms: AlarmsDep, who: Who, alarm_id: int, asked: AlarmSilence
) -> AlarmShape:
    """Nobody is told of it until then."""
    _shape(alarms, alarm_id)
    until = context.running.now_ms() + asked.minutes * 60_000
    with conflicts():
        alarms.desk.silence(alarm_id, until, By(who, asked.comment, asked.version))
    return _shape(alarms, alarm_id)


@router.post(f"{ALARMS}/{{alarm_id}}/unsilence", summary="End its silence", dependencies=_WRITES)
def unsilence(alarms: AlarmsDep, who: Who, alarm_id: int, asked: AlarmAct) -> AlarmShape:
    """People are told of it again."""
    _shape(alarms, alarm_id)
    with conflicts():
        alarms.desk.unsilence(alarm_id, By(who, asked.comment, asked.version))
    return _shape(alarms, alarm_id)


@router.post(f"{ALARMS}/{{alarm_id}}/close", summary="Close", dependencies=_WRITES)
def close(alarms: AlarmsDep, who: Who, alarm_id: int, asked: AlarmAct) -> AlarmShape:
    """What comes back after this is a new alarm. One that still holds needs a comment."""
    _shape(alarms, alarm_id)
    with conflicts():
        alarms.desk.close(alarm_id, By(who, asked.comment, asked.version))
    return _shape(alarms, alarm_id)


@router.get(SILENCES, summary="Silences", tags=["silences"])
def silences(alarms: AlarmsDep) -> list[SilenceShape]:
    """Those that hold now or later; planned ones for the next days."""
    return [SilenceShape.of(one) for one in alarms.silences()]


@router.post(
    SILENCES,
    summary="Order a silence",
    status_code=201,
    tags=["silences"],
    dependencies=_SILENCES,
)
def order_silence(context: Ctx, alarms: AlarmsDep, who: Who, asked: SilenceRequest) -> SilenceShape:
    """`silence`: alarms are shown and nobody is told. `maintenance`: rules watch and do nothing."""
    wanted = asked.order(who, context.running.now_ms())
    return SilenceShape.of(alarms.silencing.create(wanted))


@router.post(
    f"{SILENCES}/{{silence_id}}/end",
    summary="End a silence",
    status_code=204,
    tags=["silences"],
    dependencies=_SILENCES,
)
def end_silence(alarms: AlarmsDep, who: Who, silence_id: int) -> Response:
    """People are told again from now on."""
    alarms.silencing.end(silence_id, who)
    return Response(status_code=204)


def _shape(alarms: Alarms, alarm: int) -> AlarmShape:
    found = alarms.reader.get(alarm)
    if found is None:
        raise Refused(404, Text(N_("There is no alarm {id}."), {"id": alarm}))
    return AlarmShape.of(found)


async def _events(context: Context, page: Page, alarms: Alarms) -> AsyncIterator[bytes]:
    mark, news = await run_in_threadpool(_news, alarms, -1)
    yield b"retry: 5000\n\n" + news
    async for _beat in context.hub.watch((), _BEAT_S):
        if not await run_in_threadpool(still_allowed, page):
            return
        mark, news = await run_in_threadpool(_news, alarms, mark)
        yield news or b": still here\n\n"


def _news(alarms: Alarms, known: int) -> tuple[int, bytes]:
    """The newest mark, and an event when it is not the known one."""
    mark = alarms.reader.mark()
    if mark == known:
        return mark, b""
    figures = _figures(alarms) | {"mark": mark}
    return mark, b"event: alarms\ndata: " + orjson.dumps(figures) + b"\n\n"


def _figures(alarms: Alarms) -> dict[str, int]:
    tally = alarms.reader.tally(Wish(alone=True))
    return {
        "active": sum(count for (state, _), count in tally.items() if state in HOLDING),
        "unacknowledged": sum(count for (state, _), count in tally.items() if state in UNSEEN),
    }
