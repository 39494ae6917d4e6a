"""What waits in the broker for devices that sleep does not wait for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from jalon.adapters.links.mqtt.codec import subjects_of_filter
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.jetstream import PREFIX, STREAM, ask, purge

_CONSUMER = "jalon-aging"


def forget_older(access: Access, filters: Sequence[str], age_s: float) -> int:
    """Remove the messages of these MQTT topic filters that are older than `age_s`; how many.

    Raises OSError or JetStreamError when the broker does not answer.
    """
    connection = Connection.open(access, "jalon housekeeping")
    try:
        last = _last_before(connection, datetime.now(UTC) - timedelta(seconds=age_s))
        subjects = [PREFIX + subject for one in filters for subject in subjects_of_filter(one)]
        return sum(purge(connection, last, subject) for subject in subjects) if last else 0
    finally:
        connection.close()


def _last_before(connection: Connection, moment: datetime) -> int:
    """The sequence of the last message stored before that moment; 0 when there is none.

    The broker tells it where a consumer would begin; it has no other question for that.
    """
    config = {
        "name": _CONSUMER,
        "ack_policy": "none",
        "deliver_policy": "by_start_time",
        "opt_start_time": moment.isoformat().replace("+00:00", "Z"),
        "mem_storage": True,
        "inactive_threshold": 10_000_000_000,
    }
    body = {"stream_name": STREAM, "config": config}
    reply = ask(connection, f"CONSUMER.CREATE.{STREAM}.{_CONSUMER}", body)
    ask(connection, f"CONSUMER.DELETE.{STREAM}.{_CONSUMER}")
    delivered = reply.get("delivered")
    assert isinstance(delivered, dict)
    return int(delivered.get("stream_seq", 0))
