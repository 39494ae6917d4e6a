"""What leaves for other systems: how it goes, and what can be done by hand."""

from __future__ import annotations

from fastapi import APIRouter, Response

from jalon.app.integrations.service import Integrations
from jalon.app.integrations.shapes import API_PATH, IntegrationShape
from jalon.app.scopes import Scope
from jalon.web.context import Context, Ctx
from jalon.web.scopes import requires
from jalon.web.shell import PageDep

router = APIRouter(prefix=API_PATH, tags=["integrations"])


@router.get("", summary="Integrations and how they go")
def listed(context: Ctx, page: PageDep) -> list[IntegrationShape]:
    """In the order of the file."""
    return [IntegrationShape.of(one, page.say) for one in integrations(context).shown()]


@router.post(
    "/{integration_id}/run",
    status_code=202,
    summary="Write the last period of an export again",
    dependencies=[requires(Scope.ADMIN)],
)
def run(context: Ctx, integration_id: str) -> Response:
    """202 when it was asked for; any other integration looks at once whether there is something to
    do. 422 when it does not run."""
    integrations(context).run_now(integration_id)
    return Response(status_code=202)


@router.post(
    "/{integration_id}/test",
    status_code=204,
    summary="Try the other side of an integration",
    dependencies=[requires(Scope.ADMIN)],
)
def test(context: Ctx, integration_id: str) -> Response:
    """204 when it answers: a webhook is called with a test, brokers and databases are connected
    to, a small file is put and taken away. 422 with what it said otherwise."""
    integrations(context).test(integration_id)
    return Response(status_code=204)


def integrations(context: Context) -> Integrations:
    """Those of the running solution."""
    return context.running.control.integrations
