"""How a device is heard: its way to us, its credential, its signal and what was lost."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.app.frames import hearings
from jalon.app.keyring import CredentialKind, State
from jalon.app.running import Running
from jalon.run.radio import quality
from jalon.run.suspicion import Way
from jalon.vocab.text import N_
from jalon.vocab.times import DAY_MS
from jalon.web.pages.device.known import Known, shared
from jalon.web.shell import PageDep

router = APIRouter()
KINDS = {CredentialKind.SECRET: N_("Secret"), CredentialKind.CERTIFICATE: N_("Certificate")}
STATES = {
    State.ACTIVE: N_("valid"),
    State.EXPIRED: N_("expired"),
    State.REVOKED: N_("revoked"),
}


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports stored in the last day against those that its period promises."""

    came: int
    expected: int


@router.get("/devices/{device_id}/connection")
def show(page: PageDep, device_id: str) -> HTMLResponse:
    """Way, credential, signal, quality."""
    known = shared(page, device_id)
    running = page.context.running
    heard = hearings(running.frames.of(known.device.id))
    return page.render(
        "device/connection.html",
        known=known,
        suspicions=known.suspicions(),
        way=known.way,
        Way=Way,
        link_state=running.links().get(known.device.link) if known.device.link else None,
        status=running.statuses.get(known.device.id),
        heard=heard,
        quality=quality(heard),
        reports=reports(running, known),
        credentials=running.reception.keyring.of(known.device.id) if running.reception else [],
        kinds=KINDS,
        states=STATES,
    )


def reports(running: Running, known: Known) -> Reports | None:
    """By the property that came most often; None when the type promises no period."""
    period_s = known.thing.period_s
    series = [
        found.id
        for name in running.solution.properties(known.device)
        if (found := running.series.get((known.device.id, name)))
    ]
    if period_s is None or not series:
        return None
    now = running.now_ms()
    counted = running.store.buckets_each(series, now - DAY_MS, now, DAY_MS)
    came = max((sum(one.count for one in buckets) for buckets in counted.values()), default=0)
    return Reports(came, max(1, int(DAY_MS / 1000 / period_s)))
