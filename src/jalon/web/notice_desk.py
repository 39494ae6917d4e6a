"""What the page and the API of notifications share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from jalon.app.notices.service import Notices
from jalon.vocab.text import N_, Text
from jalon.web.context import Ctx
from jalon.web.problems import Refused


def notices(context: Ctx) -> Notices:
    """The service. Raises Refused (503) when nothing runs."""
    if context.running.control is None:
        raise Refused(503, Text(N_("Nobody is told of anything now.")), retry_s=5)
    return context.running.control.notices


NoticesDep = Annotated[Notices, Depends(notices)]
