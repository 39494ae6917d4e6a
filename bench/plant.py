"""`jalon up` that compacts all the time: `python -m bench.plant DIR --compact-every 0.3 …`."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path

from jalon.app.launch import Listen, launched
from jalon.app.local import Endpoint, RunFile, clear_run, write_run
from jalon.web.server import create
from jalon.web.serving import WebServer, bind

_HOST = "127.0.0.1"


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m bench.plant", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--compact-every", type=float, default=0.3, help="seconds")
    for name in ("--port", "--mqtt-port", "--websocket-port"):
        parser.add_argument(name, type=int, default=0)
    chosen = parser.parse_args()
    folder: Path = chosen.folder
    listen = Listen(
        _HOST, chosen.mqtt_port, chosen.websocket_port, compact_every_s=chosen.compact_every
    )
    listener = bind(_HOST, chosen.port)
    with launched(folder, listen, lambda text: print(text, flush=True)) as plant:

        def ready() -> None:
            run = RunFile(os.getpid(), Endpoint(_HOST, server.port), plant.mqtt, plant.websocket)
            write_run(folder, run)

        server = WebServer(create(plant.running), listener, ready)
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        server.run()
        clear_run(folder)


if __name__ == "__main__":
    main()
