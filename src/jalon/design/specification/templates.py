"""The templates a solution writes its documents from: its own before those Jalon ships."""

from __future__ import annotations

from functools import lru_cache

from jalon.catalogues.document_templates import document_templates
from jalon.design.blueprint import Blueprint
from jalon.design.specification.template import Template, parse


@lru_cache(maxsize=4)
def templates(blueprint: Blueprint) -> dict[str, Template]:
    """By name, such as `specification.fr`."""
    texts = {**document_templates(), **blueprint.templates}
    return {name: parse(name, text) for name, text in sorted(texts.items())}


def template_of(blueprint: Blueprint, document: str, language: str) -> Template | None:
    """The template of that id in that language."""
    every = templates(blueprint).values()
    return next((one for one in every if (one.id, one.language) == (document, language)), None)


def document_ids(blueprint: Blueprint) -> list[str]:
    """Every document that can be written; those of documents.yaml come first."""
    listed = [one.id for one in blueprint.documents.documents]
    return list(dict.fromkeys([*listed, *(one.id for one in templates(blueprint).values())]))


def templates_of(blueprint: Blueprint, document: str) -> list[Template]:
    """The templates of that id, in every language it is written in."""
    return [one for one in templates(blueprint).values() if one.id == document]
