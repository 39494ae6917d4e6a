"""`jalon up`: run the solution."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TypedDict, Unpack

import click

from jalon.app.launch import Launched, Listen, launched
from jalon.app.local import Endpoint, RunFile, clear_run, write_run
from jalon.app.tls import is_loopback, pki_folder
from jalon.cli.speech import _, tell
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.web.server import create
from jalon.web.serving import WebServer, bind

_PORT = click.IntRange(0, 65535)


class _Options(TypedDict):
    tls: bool
    names: tuple[str, ...]
    mqtt_port: int | None
    websocket_port: int | None
    certificate_port: int | None
    stream_size: int
    sync_always: bool


@click.command(help=_("Run the solution in DIR: broker, intake, store and pages."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help=_("Address to listen on; any but this machine's own brings --tls with it."),
)
@click.option("--tls", is_flag=True, help=_("Encrypt everything, on this machine's address too."))
@click.option(
    "--name",
    "names",
    multiple=True,
    help=_("Host name or address by which devices call this machine, for its certificate."),
)
@click.option(
    "--port",
    type=_PORT,
    help=_("Port of the pages; 0 takes a free one.  [default: 8080, with TLS 8443]"),
)
@click.option(
    "--mqtt-port",
    type=_PORT,
    help=_("Port of MQTT; 0 takes a free one.  [default: 1883, with TLS 8883]"),
)
@click.option(
    "--websocket-port",
    type=_PORT,
    help=_("Port of MQTT over WebSocket; 0 takes a free one.  [default: 8083, with TLS 8084]"),
)
@click.option(
    "--certificate-port",
    type=_PORT,
    help=_("Port of MQTT for devices with a certificate, with TLS only.  [default: 8884]"),
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
def command(folder: Path, host: str, port: int | None, **options: Unpack[_Options]) -> None:
    """Run until SIGINT or SIGTERM, which end it within five seconds."""
    signal.signal(signal.SIGTERM, _leave)
    listen = _listen(host, options)
    try:
        listener = bind(host, (8443 if listen.tls else 8080) if port is None else port)
        with launched(folder, listen, tell) as plant:
            server = WebServer(
                create(plant.running),
                listener,
                lambda: _announce(folder, Endpoint(host, server.port, listen.tls), plant),
                plant.tls,
            )
            # uvicorn raises the signal again after it has stopped; by then it is answered.
            signal.signal(signal.SIGTERM, lambda *_signal: server.stop())
            signal.signal(signal.SIGINT, lambda *_signal: server.stop())
            server.run()
            clear_run(folder)
    except KeyboardInterrupt:
        sys.exit(130)


def _listen(host: str, options: _Options) -> Listen:
    tls = options["tls"] or not is_loopback(host)
    if options["certificate_port"] is not None and not tls:
        raise UsageError(Text(N_("Certificates of devices need --tls.")))

    def chosen(port: int | None, plain: int, encrypted: int) -> int:
        return (encrypted if tls else plain) if port is None else port

    return Listen(
        host=host,
        mqtt=chosen(options["mqtt_port"], 1883, 8883),
        websocket=chosen(options["websocket_port"], 8083, 8084),
        stream_bytes=options["stream_size"] << 20,
        sync_always=options["sync_always"],
        tls=tls,
        certificates=chosen(options["certificate_port"], 0, 8884),
        names=options["names"],
    )


def _leave(number: int, frame: FrameType | None) -> None:
    """A stop before there is anything to stop; what was opened is closed on the way out."""
    sys.exit(128 + number)


def _announce(folder: Path, http: Endpoint, plant: Launched) -> None:
    run = RunFile(os.getpid(), http, plant.mqtt, plant.websocket, plant.certificates)
    write_run(folder, run)
    click.echo(_("Ready."))
    click.echo(_("  Pages      {url}/").format(url=run.url))
    click.echo(_("  MQTT       {host}:{port}").format(host=plant.mqtt.host, port=plant.mqtt.port))
    websocket = plant.websocket
    scheme = "wss" if websocket.tls else "ws"
    address = f"{scheme}://{websocket.host}:{websocket.port}/mqtt"
    click.echo(_("  WebSocket  {url}").format(url=address))
    if plant.certificates is not None:
        own, trust = plant.certificates, pki_folder(folder) / "ca.pem"
        click.echo(
            _("  MQTT with certificates  {host}:{port}").format(host=own.host, port=own.port)
        )
        click.echo(_("  Authority to trust      {file}").format(file=trust))
    click.echo(_("  Devices    {count}").format(count=len(plant.running.solution.fleet.devices)))
