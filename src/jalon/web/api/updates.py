"""Firmware and configuration updates: packages, campaigns, and what devices run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response, StreamingResponse

from jalon.app.scopes import Scope
from jalon.app.updates import views
from jalon.app.updates.desk import Act, Wish
from jalon.app.updates.service import Updates
from jalon.app.updates.views import (
    API_PATH,
    CampaignDetail,
    CampaignShape,
    PackageShape,
    PreviewShape,
)
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.web.context import Context, Ctx, Who
from jalon.web.problems import Refused
from jalon.web.scopes import requires

router = APIRouter(prefix=API_PATH, tags=["updates"])
CampaignId = Annotated[int, Path(ge=1, description="The campaign.")]
WRITE = [requires(Scope.UPDATES)]


@router.get("/packages", summary="Packages that are kept")
def packages(context: Ctx) -> list[PackageShape]:
    """The newest first. They are added with `jalon updates add`."""
    return views.packages(service(context).world)


@router.get("/versions", summary="What devices run")
def versions(context: Ctx) -> Mapping[str, Mapping[str, str]]:
    """By device, the version of each component as it last said."""
    return service(context).all_versions()


@router.get("/campaigns", summary="Campaigns")
def campaigns(context: Ctx) -> list[CampaignShape]:
    """The newest first."""
    return views.campaigns(service(context).world)


@router.post("/preview", summary="What a campaign would do", dependencies=WRITE)
def preview(context: Ctx, wish: Wish) -> PreviewShape:
    """Nothing is made."""
    return PreviewShape.of(service(context).desk.preview(wish))


@router.post("/campaigns", status_code=201, summary="Make a campaign", dependencies=WRITE)
def create(context: Ctx, who: Who, wish: Wish) -> CampaignDetail:
    """In draft: nothing is offered before it is started."""
    updates = service(context)
    return views.campaign(updates.world, updates.desk.create(wish, who.name))


@router.get("/campaigns/{campaign_id}", summary="One campaign with its devices: its report")
def campaign(context: Ctx, campaign_id: CampaignId) -> CampaignDetail:
    """How each device goes, and who did what."""
    return found(context, campaign_id)


@router.get(
    "/campaigns/{campaign_id}/report.csv",
    summary="The devices of a campaign as CSV",
    response_class=Response,
)
def report(context: Ctx, campaign_id: CampaignId) -> StreamingResponse:
    """One line a device."""
    lines = views.report_csv(found(context, campaign_id))
    named = {"content-disposition": f'attachment; filename="campaign-{campaign_id}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=named)


@router.post(
    "/campaigns/{campaign_id}/{act}",
    summary="Start, pause, resume, abort or roll back a campaign",
    dependencies=WRITE,
)
def act(context: Ctx, who: Who, campaign_id: CampaignId, act: Act) -> CampaignDetail:
    """422 with the reason when that cannot be now; 403 for a start that a second person has to give
    on the page."""
    found(context, campaign_id)
    updates = service(context)
    if act is Act.START and who.session is None and updates.desk.needs_two(campaign_id):
        # Neither this machine nor a token is a person, let alone a second one.
        text = N_("An administrator must approve in person: name and password.")
        raise Refused(403, Text(text))
    updates.desk.act(campaign_id, act, who.name)
    updates.wake()
    return found(context, campaign_id)


def service(context: Context) -> Updates:
    """The service of the running solution."""
    return context.running.control.updates


def found(context: Context, campaign_id: int) -> CampaignDetail:
    """The campaign. Raises Refused (404)."""
    try:
        return views.campaign(service(context).world, campaign_id)
    except UsageError as error:
        raise Refused(404, error.text) from error
