"""Questions about a solution's values."""

from __future__ import annotations

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.entries import Wording


class EthicsQuestion(Catalogued):
    """A question that people answer."""

    id: str
    name: Wording
    question: Wording


class EthicsGrid(Catalogue):
    """`ethics.yaml`."""

    questions: list[EthicsQuestion]


def ethics() -> EthicsGrid:
    """The catalogue."""
    return catalogue("ethics", EthicsGrid)
