"""`jalon downlink`: a frame for a LoRaWAN device."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from jalon.app.downlink_requests import DownlinkRequest, ask
from jalon.app.solution import load
from jalon.cli.speech import _
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


@click.command(help=_("Send a frame to the LoRaWAN device DEVICE of the running solution in DIR."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("device", metavar="DEVICE")
@click.option("--hex", "data", help=_("The bytes in hexadecimal."))
@click.option("--values", help=_("Values in JSON, for the codec of the device's type."))
@click.option("--port", type=click.IntRange(1, 223), help=_("FPort; without it the codec's."))
@click.option("--confirmed", is_flag=True, help=_("Ask the device to acknowledge it."))
def command(
    folder: Path,
    device: str,
    data: str | None,
    values: str | None,
    port: int | None,
    confirmed: bool,
) -> None:
    """One line with the id under which the journal tells how it goes on."""
    request = DownlinkRequest(hex=data, values=_read(values), port=port, confirmed=confirmed)
    request.order()
    sent = ask(load(folder), device, request)
    click.echo(
        _("Queued as {id}: {hex} on port {port}.").format(
            id=sent.id, hex=sent.hex or "-", port=sent.port
        )
    )


def _read(values: str | None) -> dict[str, object] | None:
    if values is None:
        return None
    try:
        found = orjson.loads(values)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        example = '{"led": true}'
        raise UsageError(
            Text(N_("The values are a JSON object, as {example}."), {"example": example})
        )
    return found
