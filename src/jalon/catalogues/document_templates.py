"""The templates that documents are written from, as Jalon ships them: Markdown files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def document_templates() -> Mapping[str, str]:
    """Their texts by name, which is an id and a language: `specification.fr`."""
    folder = files("jalon.catalogues").joinpath("document_templates")
    texts = {
        one.name.removesuffix(".md"): one.read_text(encoding="utf-8")
        for one in folder.iterdir()
        if one.name.endswith(".md")
    }
    return MappingProxyType(dict(sorted(texts.items())))
