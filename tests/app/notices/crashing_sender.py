"""A process that tells somebody many things until it is killed. Started by
`test_notice_crashes.py`, with the folders of the fakes in PYTHONPATH."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from notice_office import Clock, message, office

from jalon.run.notices.delivery import UNDER_WAY, Search

COUNT = 30


class Now(Clock):
    """The real time."""

    def __call__(self) -> int:
        """Unix ms."""
        return time.time_ns() // 1_000_000


def main(folder: Path, notifications: str) -> None:
    """Say `done` when nothing is left to be sent, and wait to be killed."""
    desk = office(folder, notifications, Now())
    desk.notices.start()
    for number in range(COUNT):
        desk.post(message(f"m{number}"))
    while desk.notices.outbox.records.find(Search(states=UNDER_WAY)):
        time.sleep(0.02)
    print("done", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
