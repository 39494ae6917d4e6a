"""What every file of a solution is made of: strict entries, ids and wordings."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from jalon.vocab.text import N_, Names, Text

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
"""Ids of devices, sites, things: safe in an MQTT topic, a NATS subject, a URL and a file name."""


def is_identifier(text: str) -> bool:
    """Whether `text` can be the id of something."""
    return re.fullmatch(IDENTIFIER[1:-1], text) is not None


class Strict(BaseModel):
    """A part of a solution file: an unknown key is a mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def refusal(text: Text, offset: int = 0) -> PydanticCustomError:
    """What a validator raises so that `text` reaches the person as it is.

    `offset` counts the characters between the start of the value and what is wrong in it.
    """
    context = {"sentence": str(text), "text": text, "offset": offset}
    return PydanticCustomError("jalon", "{sentence}", context)


class Wording(Strict):
    """A text for people: one sentence for everybody, or one per language."""

    fr: str | None = Field(default=None, description="In French.")
    en: str | None = Field(default=None, description="In English.")

    @model_validator(mode="before")
    @classmethod
    def _same_for_all(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"fr": value, "en": value}
        if not value or not isinstance(value, dict | Wording):
            message = N_("A text is expected here, or one for each language (fr, en).")
            raise refusal(Text(message))
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        by_language = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [{"type": "string"}, dict(by_language)]}

    @property
    def names(self) -> Names:
        """The same as `Names`, to be shown in the reader's language."""
        given = {"fr": self.fr, "en": self.en}
        return Names({code: text for code, text in given.items() if text is not None})

    def in_language(self, language: str) -> str:
        """The wording in `language` (two-letter code), else in the one there is."""
        return self.names.in_language(language)
