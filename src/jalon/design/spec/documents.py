"""The documents: revisions, signatures, glossary: `documents.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class DocumentsFile(Strict):
    """The whole of `documents.yaml`."""
