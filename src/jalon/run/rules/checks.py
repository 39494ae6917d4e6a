"""Whether the rules hold together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jalon.run.known import Known
from jalon.run.rules.spec import RuleFile
from jalon.vocab.finding import Remark


def check_rules(files: Mapping[str, RuleFile], known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in `rules/`; `files` by name without `.yaml`. A remark's part is
    `rules/<name>`."""
    del files, known
    yield from ()
