"""Groups of devices, as they are written in `fleet/groups.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from jalon.run.twins.parsing import LONGEST, parse
from jalon.run.twins.query import QueryError
from jalon.vocab.entries import Identifier, Strict, Wording, refusal
from jalon.vocab.text import N_, Text


def _readable(text: str) -> str:
    try:
        parse(text)
    except QueryError as error:
        said = error.reason
        if error.hint is not None:
            said = Text(N_("{reason} {hint}"), {"reason": said, "hint": error.hint})
        raise refusal(said, error.at) from None
    return text


Search = Annotated[
    str,
    AfterValidator(_readable),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST}),
]
"""A search over the fleet, such as `battery < 20 and site = a`."""


class Group(Strict):
    """Devices under one name: those of a list, or those that a search finds now."""

    id: Identifier = Field(description="Id by which commands, updates and silences name it.")
    name: Wording | None = Field(default=None, description="What people call it; else its id.")
    devices: list[Identifier] | None = Field(
        default=None, description="Ids of its devices, where they are always the same."
    )
    query: Search | None = Field(
        default=None, description="Search that finds its devices, where they change by themselves."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Group:
        if (self.devices is None) == (self.query is None):
            raise refusal(Text(N_("A group has either devices or a query.")))
        return self

    def title(self, language: str) -> str:
        """What people call it."""
        return self.name.in_language(language) if self.name else self.id


class GroupsFile(Strict):
    """The whole of `fleet/groups.yaml`."""

    groups: list[Group] = Field(default_factory=list, description="Every group.")

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the groups."""
        return frozenset(group.id for group in self.groups)

    def group(self, group_id: str) -> Group | None:
        """The group of that id."""
        return next((group for group in self.groups if group.id == group_id), None)
