"""`jalon up`: run the solution."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import click

from jalon.app.launch import Launched, Listen, launched
from jalon.app.local import Endpoint, RunFile, clear_run, write_run
from jalon.cli.speech import _, tell
from jalon.web.server import create
from jalon.web.serving import WebServer, bind

_PORT = click.IntRange(0, 65535)


@click.command(help=_("Run the solution in DIR: broker, intake, store and pages."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=_PORT,
    help=_("Port of the pages; 0 takes a free one."),
)
@click.option(
    "--mqtt-port",
    default=1883,
    show_default=True,
    type=_PORT,
    help=_("Port of MQTT; 0 takes a free one."),
)
@click.option(
    "--websocket-port",
    default=8083,
    show_default=True,
    type=_PORT,
    help=_("Port of MQTT over WebSocket; 0 takes a free one."),
)
@click.option(
    "--stream-size",
    default=1024,
    show_default=True,
    type=click.IntRange(min=1),
    help=_("MiB for messages not stored yet; when full, devices keep theirs."),
)
@click.option(
    "--sync-always",
    is_flag=True,
    help=_("Force each message onto the disk before acknowledging it: power cuts lose nothing."),
)
def command(
    folder: Path,
    host: str,
    port: int,
    mqtt_port: int,
    websocket_port: int,
    stream_size: int,
    sync_always: bool,
) -> None:
    """Run until SIGINT or SIGTERM, which end it within five seconds."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        listener = bind(host, port)
        listen = Listen(host, mqtt_port, websocket_port, stream_size << 20, sync_always)
        with launched(folder, listen, tell) as plant:
            server = WebServer(
                create(plant.running),
                listener,
                lambda: _announce(folder, Endpoint(host, server.port), plant),
            )
            # uvicorn raises the signal again after it has stopped; by then it is answered.
            signal.signal(signal.SIGTERM, lambda *_signal: server.stop())
            signal.signal(signal.SIGINT, lambda *_signal: server.stop())
            server.run()
            clear_run(folder)
    except KeyboardInterrupt:
        sys.exit(130)


def _leave(number: int, frame: FrameType | None) -> None:
    """A stop before there is anything to stop; what was opened is closed on the way out."""
    sys.exit(128 + number)


def _announce(folder: Path, http: Endpoint, plant: Launched) -> None:
    run = RunFile(os.getpid(), http, plant.mqtt, plant.websocket)
    write_run(folder, run)
    click.echo(_("Ready."))
    click.echo(_("  Pages      {url}/").format(url=run.url))
    click.echo(_("  MQTT       {host}:{port}").format(host=plant.mqtt.host, port=plant.mqtt.port))
    websocket = plant.websocket
    click.echo(
        _("  WebSocket  ws://{host}:{port}/mqtt").format(host=websocket.host, port=websocket.port)
    )
    click.echo(_("  Devices    {count}").format(count=len(plant.running.solution.fleet.devices)))
