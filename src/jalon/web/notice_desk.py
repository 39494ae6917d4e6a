"""What the page and the API of notifications share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from jalon.app.notices.service import Notices
from jalon.web.context import Ctx


def notices(context: Ctx) -> Notices:
    """The service."""
    return context.running.control.notices


NoticesDep = Annotated[Notices, Depends(notices)]
