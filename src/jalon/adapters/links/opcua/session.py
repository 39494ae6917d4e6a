"""One OPC UA session while it stands: which nodes there are, and what they tell."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
import time
from collections.abc import Iterable, Sequence
from itertools import count, islice

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.subscription import DataChangeEvent, StatusChangeEvent, Subscription
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from jalon.adapters.links.opcua import codec
from jalon.adapters.links.opcua.codec import Place, Sample
from jalon.adapters.links.opcua.security import secure
from jalon.adapters.links.opcua.settings import Settings
from jalon.adapters.outbox import Outbox
from jalon.run.links import Host, LinkDown
from jalon.vocab.text import N_, Text

_STOP_LOOK_S = 0.2
_LEAVE_S = 0.6
_ITEMS_AT_ONCE = 500
_EVENTS_KEPT = 100_000
_AGAIN_S = 600.0
"""When a node that was not there is looked for again."""

_NOT_UA = (struct.error, ValueError, LookupError, TypeError, AttributeError)
"""What the library raises for bytes that no server should send."""

# What goes wrong is told as a note or as LinkDown; the library's own words would come on top.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)


def serve(settings: Settings, places: Sequence[Place], host: Host, outbox: Outbox) -> None:
    """Hold one session, until told to stop. Raises LinkDown."""
    asyncio.run(_until_stopped(settings, places, host, outbox))


async def _until_stopped(
    settings: Settings, places: Sequence[Place], host: Host, outbox: Outbox
) -> None:
    # The library also asks now and then whether the server is alive, and allows that one second
    # only: a busy server would be taken for a dead one.
    client = Client(settings.url, timeout=settings.timeout_s, watchdog_intervall=settings.timeout_s)
    talking = asyncio.ensure_future(_talk(client, settings, places, host, outbox))
    try:
        while not host.stop.is_set() and not talking.done():
            await asyncio.wait({talking}, timeout=_STOP_LOOK_S)
        if talking.done():
            talking.result()
    finally:
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError, LinkDown):
            await talking
        with contextlib.suppress(OSError, UaError):
            await asyncio.wait_for(client.disconnect(), _LEAVE_S)


async def _talk(
    client: Client, settings: Settings, places: Sequence[Place], host: Host, outbox: Outbox
) -> None:
    try:
        await secure(client, settings, host)
        await client.connect()
        host.up(settings.url)
        await _Session(client, settings, host, outbox).listen(places)
    except (OSError, UaError) as error:
        reason = str(error) or Text(N_("no answer in time"))
        raise LinkDown(
            Text(N_("{url}: {reason}"), {"url": settings.url, "reason": reason})
        ) from error
    except _NOT_UA as error:
        message = N_("{url} sent what is no OPC UA ({reason}).")
        reason = str(error) or type(error).__name__
        raise LinkDown(Text(message, {"url": settings.url, "reason": reason})) from error


class _Session:
    """A connected client with its subscription."""

    def __init__(self, client: Client, settings: Settings, host: Host, outbox: Outbox) -> None:
        self._client = client
        self._settings = settings
        self._host = host
        self._outbox = outbox
        self._items: dict[int, Place] = {}
        self._handles = count(1)
        self._words: dict[Place, dict[int, str]] = {}
        self._last: dict[Place, tuple[float, object]] = {}
        self._said: list[codec.Said] = []
        self._told: dict[Place, set[str]] = {}

    async def listen(self, places: Sequence[Place]) -> None:
        """Subscribe to the nodes and carry what they tell. Raises LinkDown or OSError."""
        lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def on_lost(error: Exception) -> None:
            if not lost.done():
                lost.set_exception(ConnectionError(str(error)))

        self._client.connection_lost_callback = on_lost
        subscription = await self._client.create_subscription(
            self._settings.publishing_ms, queue_maxsize=_EVENTS_KEPT
        )
        tasks = [
            asyncio.ensure_future(self._carry(subscription)),
            asyncio.ensure_future(self._look_for(subscription, places)),
            asyncio.ensure_future(self._repeat()),
        ]
        try:
            done, _ = await asyncio.wait({lost, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in tasks:
                one.cancel()
            lost.cancel()
        message = N_("{url} ended the subscription.")
        raise LinkDown(Text(message, {"url": self._settings.url}))

    async def _look_for(self, subscription: Subscription, places: Sequence[Place]) -> None:
        """Subscribe to every node, and again later to those that are not there yet."""
        missing = list(places)
        while True:
            if missing:
                namespaces = await self._client.get_namespace_array()
                missing = await self._subscribe(subscription, missing, namespaces)
            await asyncio.sleep(_AGAIN_S)

    async def _subscribe(
        self, subscription: Subscription, places: Iterable[Place], namespaces: list[str]
    ) -> list[Place]:
        """Subscribe; what is not there is told and returned."""
        found: list[tuple[Place, ua.NodeId]] = []
        missing = []
        for place in places:
            try:
                found.append((place, await self._resolve(place, namespaces)))
            except codec.Unfit as unfit:
                missing.append(place)
                self._tell_missing(place, unfit.text)
            except UaStatusCodeError as error:
                missing.append(place)
                self._tell_missing(place, str(error))
        waiting = iter(found)
        while some := list(islice(waiting, _ITEMS_AT_ONCE)):
            requests = [self._request(place, node) for place, node in some]
            answers = await subscription.create_monitored_items(requests)
            for (place, node), request, answer in zip(some, requests, answers, strict=True):
                if isinstance(answer, ua.StatusCode):
                    del self._items[request.RequestedParameters.ClientHandle]
                    missing.append(place)
                    self._tell_missing(place, f"{answer.name} {node.to_string()}")
        return missing

    async def _resolve(self, place: Place, namespaces: list[str]) -> ua.NodeId:
        """The node of a place as the server numbers its namespaces today."""
        default = self._settings.namespace
        if not place.is_path:
            node_id = ua.NodeId.from_string(codec.node_id(place.target, namespaces, default))
        else:
            base = (
                self._client.get_node(codec.node_id(place.base, namespaces, default))
                if place.base
                else self._client.nodes.objects
            )
            steps = codec.browse_names(place.target, namespaces, default)
            node = await base.get_child([ua.QualifiedName(name, index) for index, name in steps])
            node_id = node.nodeid
        if place.is_text:
            with contextlib.suppress(UaStatusCodeError):
                if words := await self._enumeration(node_id):
                    self._words[place] = words
        return node_id

    async def _enumeration(self, node_id: ua.NodeId) -> dict[int, str]:
        """The words of a variable whose type is an enumeration; none of another one's."""
        kind = self._client.get_node(await self._client.get_node(node_id).read_data_type())
        for described in await kind.get_properties():
            name = (await described.read_browse_name()).Name
            if name == "EnumStrings":
                texts = await described.read_value()
                return {index: str(text.Text) for index, text in enumerate(texts)}
            if name == "EnumValues":
                return {
                    int(one.Value): str(one.DisplayName.Text)
                    for one in await described.read_value()
                }
        return {}

    def _request(self, place: Place, node: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        handle = next(self._handles)
        self._items[handle] = place
        wanted = ua.MonitoringParameters()
        wanted.ClientHandle = handle
        wanted.SamplingInterval = (
            self._settings.sampling_ms if place.sampling_ms is None else place.sampling_ms
        )
        wanted.QueueSize = self._settings.queue
        wanted.DiscardOldest = True
        if place.deadband is not None:
            wanted.Filter = ua.DataChangeFilter(
                Trigger=ua.DataChangeTrigger.StatusValue,
                DeadbandType=ua.DeadbandType.Absolute,
                DeadbandValue=place.deadband,
            )
        request = ua.MonitoredItemCreateRequest()
        request.ItemToMonitor.NodeId = node
        request.ItemToMonitor.AttributeId = AttributeIds.Value
        request.MonitoringMode = ua.MonitoringMode.Reporting
        request.RequestedParameters = wanted
        return request

    async def _carry(self, subscription: Subscription) -> None:
        """Take what the server tells. Never waits for the road: the outbox has its own thread."""
        loop = asyncio.get_running_loop()
        async for event in subscription:
            if isinstance(event, StatusChangeEvent):
                return
            if not isinstance(event, DataChangeEvent):
                continue
            place = self._items.get(event.data.subscription_data.client_handle or 0)
            if place is None:
                continue
            if not self._said:
                # Everything that has arrived by then goes together.
                loop.call_soon(self._flush)
            self._take(place, event.data.monitored_item.Value)

    def _take(self, place: Place, given: ua.DataValue) -> None:
        status = given.StatusCode.value if given.StatusCode is not None else 0
        if codec.is_bad(status):
            self._last.pop(place, None)
            self._tell_once(place, N_("{device}: {property} has no good value ({status})."), status)
            return
        variant = given.Value
        sample = Sample(
            variant.VariantType.name if variant is not None else "Null",
            variant.Value if variant is not None else None,
            status,
            given.SourceTimestamp,
            given.ServerTimestamp,
        )
        try:
            value = codec.value(sample, self._words.get(place))
        except codec.Unreadable as unreadable:
            message = N_("{device}: {property} is left out: {status}.")
            self._tell_once(place, message, unreadable.text)
            return
        if codec.is_uncertain(status):
            message = N_("{device}: {property} is stored, and doubtful ({status}).")
            self._tell_once(place, message, status)
        else:
            self._told.pop(place, None)
        at_ms = codec.time_ms(sample, self._host.now_ms())
        self._last[place] = (time.monotonic(), value)
        self._said.append((place.device, at_ms, place.name, value))

    def _flush(self) -> None:
        said, self._said = self._said, []
        for topic, payload in codec.messages(said):
            self._outbox.put(topic, payload)

    async def _repeat(self) -> None:
        """Write values again that did not change: the server says nothing of those, and a device
        whose values stand still would look silent."""
        every_s = self._settings.repeat_s
        while every_s:
            await asyncio.sleep(every_s / 4)
            now, now_ms = time.monotonic(), self._host.now_ms()
            for place, (since, value) in self._last.items():
                if now - since >= every_s:
                    self._last[place] = (now, value)
                    self._said.append((place.device, now_ms, place.name, value))
            self._flush()
        await asyncio.Event().wait()

    def _tell_missing(self, place: Place, reason: str | Text) -> None:
        self._tell_once(place, N_("{device}: {property} is not there: {status}."), reason)

    def _tell_once(self, place: Place, message: str, status: int | str | Text) -> None:
        if isinstance(status, int):
            status = ua.StatusCode(ua.UInt32(status)).name
        told = self._told.setdefault(place, set())
        if str(status) in told:
            return
        told.add(str(status))
        params = {"device": place.device, "property": place.name, "status": status}
        self._host.note(Text(message, params))
