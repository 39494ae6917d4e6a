"""Messages to people: what became of them, tests, and those for open pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from jalon.app.notices.service import Notices
from jalon.app.notices.shapes import (
    ON_CALL,
    PATH,
    DeliveryList,
    DeliveryShape,
    OnCallShape,
    TestRequest,
    TestSent,
)
from jalon.app.scopes import Scope
from jalon.run.control import Message
from jalon.run.notices.delivery import Search, State
from jalon.vocab.text import N_, Text
from jalon.web.api.live import still_allowed
from jalon.web.context import Who
from jalon.web.notice_desk import NoticesDep
from jalon.web.problems import Refused
from jalon.web.scopes import requires
from jalon.web.shell import Page, PageDep

router = APIRouter(tags=["notifications"])
_WRITES = [requires(Scope.ADMIN)]
_BEAT_S = 1.0
_ALLOWED_EVERY = 5
_MOST = 500


@router.get(PATH, summary="Messages to people, and calls of web services")
def listed(
    notices: NoticesDep,
    page: PageDep,
    state: Annotated[list[str] | None, Query(description="queued, held, sent…")] = None,
    person: Annotated[str, Query(max_length=64)] = "",
    outlet: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> DeliveryList:
    """What became of each, the newest first."""
    known = {one.value for one in State}
    if wrong := [one for one in state or () if one not in known]:
        raise Refused(422, Text(N_("There is no state {word}."), {"word": wrong[0][:40]}))
    search = Search(
        tuple(map(State, state or ())),
        person=person,
        lane=f"outlet:{outlet}" if outlet else "",
        before=before,
    )
    found = notices.outbox.records.find(search, limit)
    return DeliveryList(
        deliveries=[DeliveryShape.of(one, page.language.code) for one in found],
        before=found[-1].id if len(found) == limit else None,
    )


@router.post(f"{PATH}/test", summary="Send a test message", status_code=202, dependencies=_WRITES)
def test(notices: NoticesDep, asked: TestRequest) -> TestSent:
    """At once, whatever the person's hours; 422 for a person or a channel that is not there."""
    return TestSent(deliveries=notices.test(asked.person, asked.channel))


@router.get(
    f"{PATH}/live",
    summary="Messages for open pages as server-sent events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events."}},
)
async def live(notices: NoticesDep, page: PageDep) -> Response:
    """`notice`: a message for the one who is signed in, over an outlet of the kind `browser`, as it
    comes. The stream ends when the session does."""
    if page.context.hub.full:
        raise Refused(503, Text(N_("Too many pages are watching. Try again later.")))
    return StreamingResponse(
        _events(page, notices),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


@router.get(f"{PATH}/{{delivery_id}}", summary="One message to one person")
def one(notices: NoticesDep, page: PageDep, delivery_id: int) -> DeliveryShape:
    """What became of it."""
    found = notices.outbox.records.get(delivery_id)
    if found is None:
        raise Refused(404, Text(N_("There is no message {id}."), {"id": delivery_id}))
    return DeliveryShape.of(found, page.language.code)


@router.post(
    f"{PATH}/{{delivery_id}}/retry", summary="Send it now", status_code=204, dependencies=_WRITES
)
def retry(notices: NoticesDep, delivery_id: int) -> Response:
    """Also what was refused or given up; 422 for what was sent."""
    notices.outbox.retry(delivery_id)
    return Response(status_code=204)


@router.post(
    f"{PATH}/{{delivery_id}}/give-up", summary="Give it up", status_code=204, dependencies=_WRITES
)
def give_up(notices: NoticesDep, who: Who, delivery_id: int) -> Response:
    """It goes out no more; 422 for what does not wait."""
    notices.outbox.give_up(delivery_id, who.name)
    return Response(status_code=204)


@router.get(ON_CALL, summary="Who is on call")
def on_call(notices: NoticesDep) -> list[OnCallShape]:
    """In each rota: now, then who follows."""
    return [OnCallShape.of(one) for one in notices.book.on_call()]


async def _events(page: Page, notices: Notices) -> AsyncIterator[bytes]:
    yield b"retry: 5000\n\n"
    since_ms = page.context.running.now_ms()
    seen: set[int] = set()
    changes, beats = -1, 0
    user = page.visitor.name if page.visitor else ""
    async for _beat in page.context.hub.watch((), _BEAT_S):
        beats += 1
        if beats % _ALLOWED_EVERY == 0:
            if not await run_in_threadpool(still_allowed, page):
                return
            yield b": \n\n"
        if notices.outbox.changes == changes:
            continue
        changes = notices.outbox.changes
        for number, content in await run_in_threadpool(_news, notices, user, since_ms):
            if number not in seen:
                seen.add(number)
                yield b"event: notice\ndata: " + orjson.dumps(content) + b"\n\n"


def _news(notices: Notices, user: str, since_ms: int) -> list[tuple[int, dict[str, object]]]:
    return [
        (
            delivery.id,
            {
                "id": delivery.id,
                "severity": composed.severity,
                "title": composed.title,
                "text": composed.text,
                "language": composed.language,
                "path": Message.model_validate_json(delivery.content).path,
            },
        )
        for delivery, composed in notices.for_browser(user, since_ms)
    ]
