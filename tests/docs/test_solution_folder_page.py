"""The reference of files and keys says what the models say, and explains every key."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from jalon.app.schemas import KINDS, reference

PAGE = Path(__file__).parents[2] / "docs" / "solution-folder.md"


def parts(kind: object) -> Iterator[type[BaseModel]]:
    """The models inside a type, from the top down."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from parts(field.annotation)
    else:
        for inner in typing.get_args(kind):
            yield from parts(inner)


MODELS = {model for kind in KINDS for model in parts(kind.model)}


def test_the_page_ends_with_the_reference_made_from_the_models() -> None:
    assert PAGE.read_text("utf-8").endswith(reference()), (
        "replace the end of docs/solution-folder.md by the output of: jalon schema --markdown"
    )


def test_every_key_is_explained() -> None:
    keys = {
        f"{model.__name__}.{name}": field.description
        for model in MODELS
        if model.__module__ != "jalon.run.signals"  # explained in a sentence a signal
        for name, field in model.model_fields.items()
    }

    assert len(keys) > 100
    assert [key for key, meaning in keys.items() if not meaning] == []


def test_every_kind_of_part_is_introduced() -> None:
    assert [model.__name__ for model in MODELS if not model.__doc__] == []
