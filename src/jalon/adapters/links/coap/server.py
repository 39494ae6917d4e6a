"""Where devices reach us: `v1/<device>/telemetry` takes values, `v1/<device>/cmd` is observed for
commands, `v1/<device>/desired` for what its properties are to be.

Who speaks is proven by OSCORE or DTLS. On this machine alone a device may show its password in the
option 65003 instead, which no proxy passes on and no log shows, as it would a query.
"""

from __future__ import annotations

from typing import Any

import aiocoap
from aiocoap import error, resource
from aiocoap.numbers import codes

from jalon.adapters.links.coap import codec
from jalon.adapters.links.coap.ferry import Ferry
from jalon.adapters.links.coap.security import address_of, device_of
from jalon.run.identity import Attempt, Denied
from jalon.run.journal import Kind
from jalon.run.links import Host, RoadClosed, telemetry_topic

SECRET_OPTION = 65_003
"""In the range for experiments; critical, and not to be forwarded by a proxy that does not know
it (RFC 7252, 5.4.6)."""
_RETRY_S = 5
_JSON = 50
_TOLD = ("cmd", "desired")
"""Each of its own, so that the one never takes the place of the other."""
Said = dict[tuple[str, str], bytes]
"""The last thing said, by device and resource."""


class Door:
    """Lets in whoever is who they say."""

    def __init__(self, host: Host, is_local: bool) -> None:
        self._host = host
        self._is_local = is_local

    def identify(self, request: Any, device: str) -> None:
        """Make sure that a request is the device's own. Raises what it is answered with."""
        known = device_of(request) or self._by_password(request, device)
        if known != device:
            self._host.journal.note(
                Kind.PUBLISH_DENIED,
                known,
                address=address_of(request),
                protocol="coap",
                topic=telemetry_topic(device),
            )
            raise error.Forbidden("these are the resources of another device")

    def _by_password(self, request: Any, device: str) -> str:
        address = address_of(request)
        if not self._is_local:
            self._host.journal.note(
                Kind.NOT_ENCRYPTED, who=device[:64], address=address, protocol="coap"
            )
            raise error.Unauthorized("protect the request with OSCORE")
        shown = next(
            (one for one in request.opt.option_list() if one.number == SECRET_OPTION), None
        )
        secret = b"" if shown is None else shown.value
        attempt = Attempt(
            "coap", user=device, secret=secret.decode("utf-8", "replace"), address=address
        )
        outcome = self._host.decide(attempt)
        if not isinstance(outcome, Denied):
            return outcome.identity
        if outcome.kind is Kind.OVER_RATE:
            raise error.TooManyRequests("too many messages")
        raise error.Unauthorized("not let in: the operator sees why")


class Telemetry(resource.Resource):  # type: ignore[misc]
    """Takes what one device says; answers once it is stored."""

    def __init__(self, device: str, host: Host, ferry: Ferry) -> None:
        super().__init__()
        self._device = device
        self._host = host
        self._ferry = ferry

    async def render_to_pipe(self, pipe: Any) -> None:
        """Turn away what is too large before its blocks are put together."""
        block, size = pipe.request.opt.block1, pipe.request.opt.size1
        so_far = 0 if block is None else block.start + len(pipe.request.payload)
        if max(so_far, size or 0, len(pipe.request.payload)) > codec.MAX_PAYLOAD:
            raise error.RequestEntityTooLarge(f"at most {codec.MAX_PAYLOAD} bytes")
        await super().render_to_pipe(pipe)

    async def render_post(self, request: Any) -> Any:
        """Take one message."""
        given = request.opt.content_format
        try:
            message = codec.message(
                self._device, None if given is None else int(given), request.payload
            )
        except codec.Unsupported as refused:
            raise error.UnsupportedContentFormat(str(refused)) from None
        except codec.Malformed as refused:
            self._host.journal.note(
                Kind.PAYLOAD_REFUSED, self._device, address=address_of(request), reason=str(refused)
            )
            raise error.BadRequest(str(refused)) from None
        try:
            await self._ferry.carry(message)
        except RoadClosed:
            again = b"not stored: send it again"
            return aiocoap.Message(code=codes.SERVICE_UNAVAILABLE, payload=again, max_age=_RETRY_S)
        return aiocoap.Message(code=codes.CHANGED)

    render_put = render_post


class Told(resource.ObservableResource):  # type: ignore[misc]
    """What we tell one device: the last of it, as JSON; observers hear of the next."""

    def __init__(self, device: str, what: str, said: Said) -> None:
        super().__init__()
        self._key = (device, what)
        self._said = said

    async def render_get(self, _request: Any) -> Any:
        """The last; an empty payload when there was none."""
        payload = self._said.get(self._key, b"")
        return aiocoap.Message(payload=payload, content_format=_JSON if payload else None)


class Devices(resource.Resource, resource.PathCapable):  # type: ignore[misc]
    """Everything under `v1`. Devices are not listed: who may know them knows their names."""

    def __init__(self, host: Host, door: Door, ferry: Ferry, said: Said) -> None:
        super().__init__()
        self._host = host
        self._door = door
        self._ferry = ferry
        self._said = said
        self._telemetry: dict[str, Telemetry] = {}
        self._told: dict[tuple[str, str], Told] = {}

    async def render_to_pipe(self, pipe: Any) -> None:
        """Find out who it is, then what is wanted."""
        path = pipe.request.opt.uri_path
        if len(path) != len(("device", "what")) or path[1] not in ("telemetry", *_TOLD):
            raise error.NotFound
        device, what = path
        self._door.identify(pipe.request, device)
        end = self._end(device) if what == "telemetry" else self._told_of(device, what)
        await end.render_to_pipe(pipe)

    def tell(self, device: str, what: str) -> None:
        """Let those who observe it know that there is something new."""
        if (device, what) in self._told:
            self._told[device, what].updated_state()

    def _end(self, device: str) -> Telemetry:
        if device not in self._telemetry:
            self._telemetry[device] = Telemetry(device, self._host, self._ferry)
        return self._telemetry[device]

    def _told_of(self, device: str, what: str) -> Told:
        key = (device, what)
        if key not in self._told:
            self._told[key] = Told(device, what, self._said)
        return self._told[key]


def site(devices: Devices) -> Any:
    """The whole of what we offer, with `.well-known/core`."""
    root = resource.Site()
    root.add_resource(
        [".well-known", "core"],
        resource.WKCResource(root.get_resources_as_linkheader, impl_info=None),
    )
    root.add_resource(["v1"], _About())
    root.add_resource(["v1"], devices)
    return root


class _About(resource.Resource):  # type: ignore[misc]
    """Says what is under `v1`, without naming a device."""

    rt = "jalon.devices"
    ct = "50 60 110 112 42"

    async def render_get(self, _request: Any) -> Any:
        """How to send."""
        told = b"POST v1/<device>/telemetry, observe v1/<device>/cmd and /desired"
        return aiocoap.Message(payload=told)
