"""Whether what this file of the solution says holds together."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.run.integrations.spec import IntegrationsFile
from jalon.run.known import Known
from jalon.vocab.finding import Remark


def check_integrations(written: IntegrationsFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    del written, known
    yield from ()
