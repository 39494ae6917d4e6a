"""What happened around devices that an operator must be able to find: every refusal with its
reason, every change of identity, every link that went down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What happened. Shown as a sentence in the reader's language; see `app.journal_words`."""

    # refused at the door
    UNKNOWN_IDENTITY = "unknown-identity"
    WRONG_SECRET = "wrong-secret"  # noqa: S105
    NO_CREDENTIAL = "no-credential"
    REVOKED = "revoked"
    EXPIRED = "expired"
    RETIRED = "retired"
    UNTRUSTED_CERTIFICATE = "untrusted-certificate"
    CLIENT_ID_OF_ANOTHER = "client-id-of-another"
    NOT_ENCRYPTED = "not-encrypted"
    OVER_RATE = "over-rate"
    # refused inside
    PUBLISH_DENIED = "publish-denied"
    SUBSCRIBE_DENIED = "subscribe-denied"
    PAYLOAD_REFUSED = "payload-refused"
    REPLAYED = "replayed"
    CODEC_SUSPENDED = "codec-suspended"
    # identities
    CREDENTIAL_ISSUED = "credential-issued"
    CREDENTIAL_RENEWED = "credential-renewed"
    CREDENTIAL_REVOKED = "credential-revoked"
    CLAIM_KEY_CREATED = "claim-key-created"
    CLAIM_KEY_REVOKED = "claim-key-revoked"
    CLAIMED = "claimed"
    CLAIM_REFUSED = "claim-refused"
    ANNOUNCED = "announced"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    # the life of a device
    ADDED = "added"
    MOVED = "moved"
    TAGGED = "tagged"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    DESIRED = "desired"
    DESIRE_REFUSED = "desire-refused"
    STATE_REFUSED = "state-refused"
    DISCONNECTED_BY_US = "disconnected-by-us"
    JOINED = "joined"
    DOWNLINK_QUEUED = "downlink-queued"
    DOWNLINK_SENT = "downlink-sent"
    DOWNLINK_ACKNOWLEDGED = "downlink-acknowledged"
    DOWNLINK_FAILED = "downlink-failed"
    # links
    LINK_UP = "link-up"
    LINK_DOWN = "link-down"
    LINK_NOTE = "link-note"
    # control
    DEVICE_EVENT = "device-event"
    UPDATED = "updated"
    UPDATE_FAILED = "update-failed"
    DECISION_FAILED = "decision-failed"
    COMMAND_ASKED = "command-asked"
    COMMAND_COMPLETED = "command-completed"
    COMMAND_NOT_DONE = "command-not-done"
    RULE_SAVED = "rule-saved"
    DESIGN_SAVED = "design-saved"
    DATA_ERASED = "data-erased"
    NOTICE_TO_NOBODY = "notice-to-nobody"
    NOTICE_FAILED = "notice-failed"


REFUSALS = frozenset(
    {
        Kind.UNKNOWN_IDENTITY,
        Kind.WRONG_SECRET,
        Kind.NO_CREDENTIAL,
        Kind.REVOKED,
        Kind.EXPIRED,
        Kind.RETIRED,
        Kind.UNTRUSTED_CERTIFICATE,
        Kind.CLIENT_ID_OF_ANOTHER,
        Kind.NOT_ENCRYPTED,
        Kind.OVER_RATE,
        Kind.PUBLISH_DENIED,
        Kind.SUBSCRIBE_DENIED,
        Kind.PAYLOAD_REFUSED,
        Kind.REPLAYED,
        Kind.CODEC_SUSPENDED,
        Kind.CLAIM_REFUSED,
    }
)
SAID = frozenset(
    {
        Kind.DEVICE_EVENT,
        Kind.STATE_REFUSED,
        Kind.COMMAND_COMPLETED,
        Kind.COMMAND_NOT_DONE,
    }
)
"""What devices say, as often as they like."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the journal. `who` is what the other side called itself when it is no device;
    `detail` has what was wrong, by name (topic, client_id, serial, not_after…), never a secret.

    `count` is how often the same happened until `last_ms`: repetitions within a minute are one
    line. `id` is given by the journal.
    """

    kind: Kind
    at_ms: int
    device: str | None = None
    who: str = ""
    address: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    last_ms: int = 0
    id: int = 0


class Journal(Protocol):
    """Takes notes from any thread without waiting for the disk, and gives them back."""

    def note(
        self,
        kind: Kind,
        device: str | None = None,
        *,
        who: str = "",
        address: str = "",
        **detail: str,
    ) -> None:
        """Write down that it happened now. Bounded: the oldest lines are forgotten."""

    def read(
        self,
        device: str | None = None,
        kinds: frozenset[Kind] | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> list[Note]:
        """The newest notes first."""
