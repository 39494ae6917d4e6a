"""What guards the solution, and which threats are accepted: `security.yaml`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class ControlStatus(StrEnum):
    """How far a control is."""

    PLANNED = "planned"
    DONE = "done"


class Control(Strict):
    """Something that guards against threats, and the tests that show it works."""

    id: Identifier = Field(description="Id by which other files name the control.")
    name: Wording = Field(description="What is done.")
    status: ControlStatus = Field(
        default=ControlStatus.PLANNED, description="Whether it is there yet."
    )
    treats: list[str] = Field(
        default_factory=list,
        description="The threats it lowers: `rule@element` as `jalon design threats` shows them,"
        " `rule` for that threat everywhere, or `@element` for all threats of an element.",
    )
    tests: list[Identifier] = Field(
        default_factory=list, description="The test cases of tests/ that show it works."
    )
    provisions: list[str] = Field(
        default_factory=list,
        description="What it answers in standards and laws, as `etsi-en-303-645:5.3-2`.",
    )
    owner: str | None = Field(default=None, description="The role that answers for it.")
    due: date | None = Field(default=None, description="The day by which it is to be there.")
    cost: Decimal | None = Field(default=None, ge=0, description="What it costs, in euros.")
    description: Wording | None = Field(default=None, description="How it works.")


class Acceptance(Strict):
    """A threat that is lived with, by whose decision and until when."""

    threat: str = Field(description="`rule@element`, or `rule` for that threat everywhere.")
    reason: Wording = Field(description="Why it is lived with.")
    by: str = Field(description="The role that decided.")
    on: date = Field(description="The day it was decided.")
    until: date | None = Field(default=None, description="The day it is looked at again.")


class SecurityFile(Strict):
    """The whole of `security.yaml`."""

    controls: list[Control] = Field(default_factory=list, description="What guards the solution.")
    accepted: list[Acceptance] = Field(
        default_factory=list, description="Threats that are lived with."
    )
