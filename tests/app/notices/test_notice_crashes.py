"""Killed at any instant, the sender loses nothing: each message arrives, known by the same id."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from letterboxes import mail_server, web_service
from waiting import wait_for

SENDER = Path(__file__).with_name("crashing_sender.py")
COUNT = 30


def run_until(folder: Path, notifications: str, enough: Callable[[], bool]) -> bool:
    """Start the sender and kill it once there is enough; whether it was done by then."""
    fakes = Path(__file__).parents[2] / "fakes"
    with subprocess.Popen(
        [sys.executable, str(SENDER), str(folder), notifications],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(fakes)},
    ) as sender:
        assert sender.stdout
        try:
            wait_for(lambda: enough() or sender.poll() is not None, 60)
            assert sender.poll() is None, "the sender died by itself"
        finally:
            sender.kill()
        return sender.stdout.read() == "done\n"


def test_every_message_arrives_at_least_once_and_under_one_id(tmp_path: Path) -> None:
    with mail_server() as server, web_service() as service:
        notifications = f"""
outlets:
  - {{id: mail, kind: smtp, host: localhost, port: {server.port}, security: none,
     from: jalon@example.org}}
  - {{id: hook, kind: webhook, url: '{service.url}', private: true}}
people:
  - {{id: awa, name: Awa, channels: [{{outlet: mail, address: awa@example.org}},
     {{outlet: hook}}]}}
"""
        for enough in (1, 12):
            run_until(tmp_path, notifications, lambda: len(server.mails) >= enough)  # noqa: B023

        def all_came() -> bool:
            keys = {one.headers["webhook-id"] for one in list(service.asked)}
            return len(set(server.ids())) >= COUNT and len(keys) >= COUNT

        run_until(tmp_path, notifications, all_came)

        mails, calls = (
            Counter(server.ids()),
            Counter(one.headers["webhook-id"] for one in service.asked),
        )
    assert len(mails) == len(calls) == COUNT
    # What was being sent at a kill may come twice, nothing else: one of each outlet.
    assert sum(mails.values()) <= COUNT + 4
    assert sum(calls.values()) <= COUNT + 4
    bodies = {one.headers["webhook-id"]: one.body for one in service.asked}
    assert all(bodies[one.headers["webhook-id"]] == one.body for one in service.asked)
