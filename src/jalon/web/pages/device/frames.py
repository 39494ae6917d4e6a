"""The last raw frames of a device beside what they say now."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.app.frames import explain
from jalon.run.frames import KEPT
from jalon.web.pages.device.known import shared
from jalon.web.reasons import REASONS
from jalon.web.shell import PageDep

router = APIRouter()
SHOWN_BYTES = 256


@router.get("/devices/{device_id}/frames")
def show(page: PageDep, device_id: str) -> HTMLResponse:
    """Newest first, decoded again as the solution stands."""
    known = shared(page, device_id)
    return page.render(
        "device/frames.html",
        known=known,
        frames=explain(page.context.running, known.device, KEPT),
        kept=KEPT,
        reasons=REASONS,
        hexadecimal=hexadecimal,
        plain=plain,
    )


def hexadecimal(data: bytes) -> str:
    """Two digits a byte, cut where nobody reads on."""
    return data[:SHOWN_BYTES].hex(" ") + (" …" if len(data) > SHOWN_BYTES else "")


def plain(data: bytes) -> str:
    """The same as text when it is one, else ""."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    if not all(char.isprintable() or char in "\n\r\t" for char in text):
        return ""
    return text[: 4 * SHOWN_BYTES] + ("…" if len(text) > 4 * SHOWN_BYTES else "")
