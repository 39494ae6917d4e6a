"""Observes a device's resource (RFC 7641) for as long as it is wanted."""

from __future__ import annotations

import asyncio
from typing import Any

import aiocoap
from aiocoap import error

from jalon.adapters.links.coap import codec
from jalon.adapters.links.coap.ferry import Ferry
from jalon.run.journal import Kind
from jalon.run.links import Host, LinkDown, RoadClosed, telemetry_topic
from jalon.vocab.text import N_, Text

_FRESH_S = 60
"""How long an answer holds that does not say so (RFC 7252, 5.10.5)."""
_GRACE_S = 5.0
_PAUSE_S = (1.0, 60.0)


class Observer:
    """One resource. A device that is away is asked again, later each time."""

    def __init__(
        self, context: Any, resource: codec.Resource, host: Host, ferry: Ferry, poll_s: float
    ) -> None:
        self._context = context
        self._resource = resource
        self._host = host
        self._ferry = ferry
        self._poll_s = poll_s
        self._pause_s = _PAUSE_S[0]

    async def run(self) -> None:
        """Until cancelled. Raises LinkDown when nothing can be stored."""
        while True:
            try:
                await self._listen()
            except (error.Error, OSError) as lost:
                message = N_("{device} at {uri} does not answer ({reason}).")
                self._tell(message, str(lost) or type(lost).__name__)
                await asyncio.sleep(self._pause_s)
                self._pause_s = min(2 * self._pause_s, _PAUSE_S[1])

    async def _listen(self) -> None:
        """Register and listen until the device falls silent. aiocoap drops what is old or came
        twice; what stays away longer than it promised is registered for anew."""
        request = aiocoap.Message(code=aiocoap.GET, uri=self._resource.uri, observe=0)
        asked = self._context.request(request)
        try:
            answer = await asked.response
            await self._take(answer)
            if answer.opt.observe is None:
                await asyncio.sleep(self._poll_s)
                return
            notifications = aiter(asked.observation)
            while True:
                fresh_s = _FRESH_S if answer.opt.max_age is None else answer.opt.max_age
                async with asyncio.timeout(fresh_s + min(fresh_s, _GRACE_S)):
                    answer = await anext(notifications)
                await self._take(answer)
        except (TimeoutError, StopAsyncIteration, error.ObservationCancelled):
            return
        finally:
            if not asked.observation.cancelled:
                asked.observation.cancel()

    async def _take(self, answer: Any) -> None:
        if not answer.code.is_successful():
            raise error.Error(str(answer.code))
        self._pause_s = _PAUSE_S[0]
        given = answer.opt.content_format
        try:
            said = codec.heard(
                self._resource, None if given is None else int(given), answer.payload
            )
        except (codec.Unsupported, codec.Malformed) as refused:
            self._host.journal.note(
                Kind.PAYLOAD_REFUSED,
                self._resource.device,
                address=self._resource.uri,
                reason=str(refused),
            )
            return
        if said is None:
            return
        try:
            await self._ferry.carry((telemetry_topic(self._resource.device), said))
        except RoadClosed as closed:
            message = N_("Nothing can be stored now ({reason}).")
            raise LinkDown(Text(message, {"reason": str(closed)})) from closed

    def _tell(self, message: str, reason: str) -> None:
        names = {"device": self._resource.device, "uri": self._resource.uri, "reason": reason}
        self._host.note(Text(message, names))
