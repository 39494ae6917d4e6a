"""Somebody else's MQTT broker: how `links.yaml` names it, how it is trusted, and the part of the
conversation that is the same whatever is said in it."""

from __future__ import annotations

import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt import MQTTException
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import Field, model_validator

from jalon.adapters.peers import FilePath, is_loopback
from jalon.run.links import LinkDown, LinkSettings
from jalon.vocab.entries import Strict, refusal
from jalon.vocab.text import N_, Text

V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
KEEPALIVE_S = 30
_CONNECT_S = 5.0
_REACH_S = 15.0
_ANSWER_S = 10.0
_LOOK_S = 0.1
# What TLS 1.2 may use, as ANSSI recommends; the suites of TLS 1.3 all do.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_UNSPECIFIED = 0x80
_SILENT = N_("{host}:{port} does not answer in MQTT.")
_HUNG_UP = N_("{host}:{port} closed the connection.")
_REFUSALS = {
    0x86: N_("{host}:{port} refuses the password of the user “{user}”."),
    0x87: N_("{host}:{port} does not let the user “{user}” in."),
}
_NOT_MQTT = (struct.error, ValueError, LookupError, TypeError, MQTTException)
"""What paho raises for bytes that no broker should send."""


class PeerTls(Strict):
    """How the broker is trusted, and how we prove who we are. TLS 1.2 and 1.3 only."""

    ca: FilePath | None = Field(
        default=None, description="File of the authorities to trust; the system's without it."
    )
    certificate: FilePath | None = Field(
        default=None, description="File of our certificate, when the broker asks for one."
    )
    key: FilePath | None = Field(default=None, description="File of the certificate's key.")


class MqttPeerSettings(LinkSettings):
    """Where a broker is, and as whom we speak to it."""

    host: str = Field(min_length=1, description="Name or address of the broker.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="8883 with `tls`, 1883 without, when not given."
    )
    tls: PeerTls | None = Field(default=None, description="Encrypts the connection; {} is enough.")
    unencrypted: bool = Field(
        default=False,
        description="Accept that a broker on another machine is spoken to without encryption.",
    )
    user: str | None = Field(default=None, description="User name there.")
    password: str | None = Field(
        default=None, description="Name of the secret that holds the password."
    )
    client_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Name of our session there; `jalon-` and the link's id when not given.",
    )

    @property
    def at(self) -> int:
        """The port to connect to."""
        return self.port or (1883 if self.tls is None else 8883)

    @property
    def place(self) -> Place:
        """Where it is and as whom we speak there."""
        return Place(self.host, self.at, self.user, self.client_id or f"jalon-{self.id}")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.tls is None and not self.unencrypted and not is_loopback(self.host):
            message = N_(
                "Add `tls: {{}}` to encrypt the connection to {host}, or `unencrypted: true` to"
                " accept that everybody on the way can read it and speak in its name."
            )
            raise refusal(Text(message, {"host": self.host}))
        if self.tls is not None and (self.tls.certificate is None) != (self.tls.key is None):
            raise refusal(Text(N_("A certificate needs its key, and a key its certificate.")))
        if self.password is not None and self.user is None:
            raise refusal(Text(N_("A password needs its user.")))
        return self


@dataclass(frozen=True, slots=True)
class Place:
    """A broker, and as whom we speak to it."""

    host: str
    port: int
    user: str | None
    client_id: str

    def text(self, message: str, **more: object) -> Text:
        """A sentence that may name the `host`, its `port`, our `user` and `client_id`."""
        known = {"host": self.host, "port": self.port, "client_id": self.client_id}
        return Text(message, {**known, "user": self.user or "", **more})


def context(tls: PeerTls) -> ssl.SSLContext:
    """What to connect with. Raises LinkDown when a file cannot be used."""
    try:
        made = ssl.create_default_context(cafile=tls.ca)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers(_CIPHERS)
        if tls.certificate is not None:
            made.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:  # an SSLError too: not a certificate, or not its key
        files = ", ".join(one for one in (tls.ca, tls.certificate, tls.key) if one)
        message = N_("The certificates cannot be used ({files}): {reason}.")
        raise LinkDown(Text(message, {"files": files, "reason": str(error)})) from error
    return made


class MqttConversation:
    """One connection, worked by whoever calls `pump`, which gives messages to `take_in`. With
    `acknowledge_later` none is acknowledged by itself."""

    def __init__(
        self,
        place: Place,
        version: MQTTProtocolVersion,
        take_in: Callable[[mqtt.MQTTMessage], None],
        *,
        clean: bool,
        acknowledge_later: bool,
    ) -> None:
        self.place = place
        self.version = version
        self.present = False
        """Whether the broker remembered us, with all it kept for us."""
        self.weak: list[str] = []
        """Filters that are served without acknowledgements (QoS 0)."""
        self.ended: ReasonCode | None = None
        self._answer: ReasonCode | None = None
        self._asked: dict[int, list[str]] = {}
        self._refused: Text | None = None
        self._broken = False
        self.client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=place.client_id,
            clean_session=None if version == V5 else clean,
            protocol=version,
            manual_ack=acknowledge_later,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_S
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = lambda _client, _data, message: _readable(message, client, take_in)

    def open(
        self, password: str | None, tls: ssl.SSLContext | None, stopping: Callable[[], bool]
    ) -> None:
        """Connect and wait for the broker's yes, no longer than until `stopping`. Raises
        LinkDown."""
        if self.place.user is not None:
            self.client.username_pw_set(self.place.user, password)
        if tls is not None:
            self.client.tls_set_context(tls)
            self.client.tls_insecure_set(not tls.check_hostname)
        if not _Reaching(self.reach, self.client).waited(stopping, self.place):
            return
        self.wait_until(lambda: self._answer is not None or self.gone, stopping)
        if not stopping():
            self.judge(self._answer)

    def reach(self) -> None:
        """Connect, which takes as long as the other side makes it last."""
        self.client.connect(self.place.host, self.place.port, KEEPALIVE_S)

    def judge(self, reason: ReasonCode | None) -> None:
        """The broker's answer, None when it hung up without one. Raises LinkDown for a no."""
        if reason is None:
            raise LinkDown(self.place.text(_HUNG_UP))
        if reason.is_failure:
            refusal = N_("{host}:{port} refuses the connection: {reason}.")
            message = _REFUSALS.get(reason.value, refusal) if self.place.user else refusal
            raise LinkDown(self.place.text(message, reason=str(reason)))

    def wait_until(self, answered: Callable[[], bool], stopping: Callable[[], bool]) -> None:
        """Until it has answered, or we are to stop. Raises LinkDown when it does not."""
        deadline = time.monotonic() + _ANSWER_S
        while not answered() and not stopping():
            if time.monotonic() > deadline:
                raise LinkDown(self.place.text(_SILENT))
            self.pump(_LOOK_S)

    def subscribe(self, wished: Sequence[tuple[str, Any]]) -> None:
        """Ask for messages: filters with their QoS or options."""
        if wished:
            _result, number = self.client.subscribe(list(wished))
            if number is not None:
                self._asked[number] = [filter_ for filter_, _ in wished]

    @property
    def settled(self) -> bool:
        """Whether every subscription was answered."""
        return not self._asked

    @property
    def gone(self) -> bool:
        """Whether the connection has ended."""
        return self._broken or self.client.socket() is None

    def pump(self, wait_s: float) -> None:
        """Move bytes, waiting for some at most so long. Raises LinkDown for what is no MQTT."""
        try:
            self._broken = self.turn(wait_s) or self._broken
        except _NOT_MQTT as error:
            message = N_("{host}:{port} sent what is no MQTT ({reason}).")
            reason = str(error) or type(error).__name__
            raise LinkDown(self.place.text(message, reason=reason)) from error

    def turn(self, wait_s: float) -> bool:
        """What `pump` does; whether the connection is lost."""
        return self.client.loop(wait_s) is not MQTTErrorCode.MQTT_ERR_SUCCESS

    def check(self) -> None:
        """Raises LinkDown once the broker has hung up, or refused what we asked for."""
        if self._refused is not None:
            raise LinkDown(self._refused)
        if not self.gone:
            return
        if self.ended is None or self.ended.value == _UNSPECIFIED:
            raise LinkDown(self.place.text(_HUNG_UP))
        message = N_("The connection to {host}:{port} ended: {reason}.")
        raise LinkDown(self.place.text(message, reason=str(self.ended)))

    def close(self) -> None:
        """Take leave."""
        if self.client.socket() is not None:
            self.client.disconnect()
            if self.client.want_write():
                self.client.loop_write()

    def _on_connect(
        self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self._answer = reason
        self.present = flags.session_present

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        self.ended = self.ended or reason

    def _on_subscribe(
        self, _client: Any, _data: Any, number: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        for filter_, reason in zip(self._asked.pop(number, ()), reasons, strict=False):
            if reason.is_failure:
                message = N_("{host}:{port} does not let us read {filter}: {reason}.")
                self._refused = self.place.text(message, filter=filter_, reason=str(reason))
            elif reason.value == 0:
                self.weak.append(filter_)


def _readable(
    message: mqtt.MQTTMessage, client: mqtt.Client, take_in: Callable[[mqtt.MQTTMessage], None]
) -> None:
    """Pass over a message whose topic is no text: it is of nobody, and would come again."""
    try:
        message.topic  # noqa: B018 - it is decoded here
    except UnicodeDecodeError:
        client.ack(message.mid, message.qos)
    else:
        take_in(message)


def weakness(talk: MqttConversation) -> Text | None:
    """What the operator should know of a broker that does not acknowledge."""
    message = N_(
        "{host}:{port} sends {filter} without acknowledgement (QoS 0): what it sends while we are"
        " away is lost."
    )
    return talk.place.text(message, filter=", ".join(talk.weak[:3])) if talk.weak else None


class _Reaching:
    """A connection that is being made: neither TCP nor TLS can be interrupted, so it is left
    behind when we are to stop."""

    def __init__(self, reach: Callable[[], None], client: mqtt.Client) -> None:
        self._reach = reach
        self._client = client
        self._done = threading.Event()
        self._left = False
        self._guard = threading.Lock()
        self._error: Exception | None = None

    def waited(self, stopping: Callable[[], bool], place: Place) -> bool:
        """Whether it stands, False when we are to stop. Raises LinkDown."""
        threading.Thread(target=self._run, name="mqtt connecting", daemon=True).start()
        deadline = time.monotonic() + _REACH_S
        while not self._done.wait(_LOOK_S):
            if stopping() or time.monotonic() > deadline:
                with self._guard:
                    self._left = True
                if stopping():
                    return False
                raise LinkDown(place.text(_SILENT))
        if isinstance(self._error, ssl.SSLError):
            message = N_("No secure connection to {host}:{port}: {reason}.")
            raise LinkDown(place.text(message, reason=_why(self._error))) from self._error
        if self._error is not None:
            message = N_("No MQTT broker answers at {host}:{port} ({reason}).")
            raise LinkDown(place.text(message, reason=str(self._error))) from self._error
        return True

    def _run(self) -> None:
        try:
            self._reach()
        except (OSError, ValueError) as error:  # UnicodeError is what a name may be that is none
            self._error = error
        with self._guard:
            if self._left and self._client.socket() is not None:
                self._client.disconnect()
                self._client.loop_write()
            self._done.set()


def _why(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return error.reason or str(error)
