"""What is wanted, from whom and why: `solution.yaml`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from jalon.vocab.entries import Identifier, Strict, Wording, refusal
from jalon.vocab.measure import Measure, MeasureError
from jalon.vocab.text import N_, Text


def _measure(value: object) -> Measure:
    if isinstance(value, Measure):
        return value
    if not isinstance(value, str):
        raise refusal(Text(N_("A measure is a text, such as “alarm.latency p95 < 2 s”.")))
    try:
        return Measure.parse(value)
    except MeasureError as error:
        raise refusal(error.text, error.column - 1) from error


MeasureText = Annotated[
    Measure,
    PlainValidator(_measure),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "type": "string",
            "examples": ["alarm.latency p95 < 2 s", "data.completeness >= 99 %"],
        }
    ),
]


class Client(Strict):
    """Who orders the solution and pays for it."""

    name: str = Field(description="The organisation.")
    sector: Wording | None = Field(default=None, description="What it does.")
    contact: str | None = Field(
        default=None, description="The role to turn to; better not a person's name."
    )
    charter: Wording | None = Field(
        default=None, description="Its own values and rules, which ethics questions refer to."
    )


class Need(Strict):
    """The problem before any solution."""

    statement: Wording = Field(
        description="What is wrong today, in the words of those who live it."
    )
    today: Wording | None = Field(default=None, description="How people manage without a solution.")
    cost: Wording | None = Field(default=None, description="What it costs to leave it as it is.")
    restated: Wording | None = Field(
        default=None, description="The same problem after the field was heard: whose, when, why."
    )
    qualified: Wording | None = Field(
        default=None,
        description="The need that remains: for whom, what must change, within which limits.",
    )


class DigitalEase(StrEnum):
    """How at ease a persona is with screens."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Persona(Strict):
    """A typical user, precise enough to decide for."""

    id: Identifier = Field(description="Id by which requirements and tests name the persona.")
    name: str = Field(description="A first name, to speak of them.")
    role: Wording = Field(description="Their job in the story.")
    goals: list[Wording] = Field(default_factory=list, description="What they want to achieve.")
    difficulties: list[Wording] = Field(default_factory=list, description="What is in their way.")
    accessibility: Wording | None = Field(
        default=None,
        description="Functional needs: sight, hearing, movement, reading. Never a diagnosis.",
    )
    digital_ease: DigitalEase | None = Field(default=None, description="Ease with screens.")
    setting: Wording | None = Field(
        default=None, description="Where, when and on what they use it."
    )


class Influence(StrEnum):
    """How much a stakeholder can help or stop."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Stakeholder(Strict):
    """Somebody with an interest, user or not."""

    id: Identifier = Field(description="Id by which other files name them.")
    name: Wording = Field(description="The person's role or the organisation.")
    interest: Wording | None = Field(default=None, description="What they expect or fear.")
    influence: Influence | None = Field(default=None, description="How much they can help or stop.")


LINT_RULE = r"^[a-z]+(-[a-z]+)*$"


class Meant(Strict):
    """A remark on wording that the author has read and does not follow."""

    rule: str = Field(
        pattern=LINT_RULE, description="The rule, as `jalon design needs` shows it: compound…"
    )
    reason: Wording = Field(description="Why it is meant as it is written.")


class Objective(Strict):
    """A result the client wants, which says nothing yet of the technique."""

    id: Identifier = Field(description="Id by which requirements name the objective.")
    statement: Wording = Field(description="One sentence: a verb, a result, a date or a level.")
    measure: MeasureText | None = Field(default=None, description="How one will know.")
    personas: list[Identifier] = Field(default_factory=list, description="Who gains from it.")
    lint_ok: list[Meant] = Field(
        default_factory=list, description="Remarks on its wording that are not followed, and why."
    )


class UseCase(Strict):
    """A story of somebody who uses the solution, from what sets it off to what they get."""

    id: Identifier = Field(description="Id by which prototypes and tests name the use case.")
    title: Wording = Field(description="What the persona achieves.")
    persona: Identifier = Field(description="Whose story it is.")
    situation: Wording | None = Field(
        default=None, description="What sets it off: where, when, with what at hand."
    )
    steps: list[Wording] = Field(default_factory=list, description="What happens, in order.")
    outcome: Wording | None = Field(default=None, description="What is true at the end.")
    objectives: list[Identifier] = Field(
        default_factory=list, description="The objectives it brings nearer."
    )
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements it leans on."
    )


class SubjectBetter(StrEnum):
    """The side of a bound on which one wants to be."""

    LOWER = "lower"
    HIGHER = "higher"


class Subject(Strict):
    """Something of the client's own that measures are about, beside those Jalon knows."""

    id: str = Field(
        pattern=r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$",
        description="Its name in measures, such as `classroom.hours_below_800_ppm`.",
    )
    meaning: Wording = Field(description="What is counted or measured, and how.")
    unit: str = Field(
        default="", description="A unit in which values are given; empty for a count."
    )
    better: SubjectBetter | None = Field(
        default=None, description="The side of a bound on which one wants to be."
    )


class RequirementKind(StrEnum):
    """What a requirement is about."""

    FUNCTIONAL = "functional"
    PERFORMANCE = "performance"
    SECURITY = "security"
    PRIVACY = "privacy"
    ACCESSIBILITY = "accessibility"
    OPERATION = "operation"
    REGULATION = "regulation"
    COST = "cost"


class Priority(StrEnum):
    """MoSCoW: what the solution cannot be without, down to what it leaves out this time."""

    MUST = "must"
    SHOULD = "should"
    COULD = "could"
    WONT = "wont"


class Requirement(Strict):
    """One verifiable demand."""

    id: Identifier = Field(description="Id, stable for ever: documents and tests cite it.")
    kind: RequirementKind = Field(description="What it is about.")
    priority: Priority = Field(description="How much it matters.")
    statement: Wording = Field(description="One sentence, one demand: the system shall…")
    rationale: Wording | None = Field(default=None, description="Why; whoever reads may argue.")
    owner: Wording | None = Field(
        default=None, description="The role that answers for it; better not a person's name."
    )
    objectives: list[Identifier] = Field(
        default_factory=list, description="The objectives it serves."
    )
    personas: list[Identifier] = Field(default_factory=list, description="Whom it serves.")
    components: list[Identifier] = Field(
        default_factory=list, description="The components of architecture.yaml that fulfil it."
    )
    measure: MeasureText | None = Field(
        default=None,
        description="The bound against which estimate, prototype and operation are held.",
    )
    acceptance: Wording | None = Field(
        default=None, description="How one sees that it is met, where no measure says it."
    )
    systems: list[Identifier] = Field(
        default_factory=list, description="The existing systems it depends on."
    )
    lint_ok: list[Meant] = Field(
        default_factory=list, description="Remarks on its wording that are not followed, and why."
    )
    source: str | None = Field(
        default=None, description="Where it comes from: interview, law, norm."
    )


class Access(StrEnum):
    """What an existing system allows others to do."""

    READ = "read"
    WRITE = "write"
    BOTH = "both"


class ExistingSystem(Strict):
    """What is already there and has to be lived with."""

    id: Identifier = Field(description="Id; flows of architecture.yaml may begin or end here.")
    name: Wording = Field(description="What people call it.")
    role: Wording | None = Field(default=None, description="What it does.")
    protocols: list[str] = Field(default_factory=list, description="What it speaks.")
    access: Access | None = Field(
        default=None, description="What it allows: to be read, to be written to, or both."
    )
    until: date | None = Field(
        default=None, description="The last day on which that limit of access holds."
    )
    owner: str | None = Field(default=None, description="Who answers for it.")
    constraints: list[Wording] = Field(
        default_factory=list, description="What it forbids or forces."
    )


class SolutionFile(Strict):
    """The whole of `solution.yaml`."""

    id: Identifier = Field(description="Short name of the solution; used in topics and file names.")
    name: Wording = Field(description="Its name on pages and documents.")
    client: Client = Field(description="Who orders it.")
    problem: Need = Field(description="What it is for.")
    context: Wording | None = Field(default=None, description="The place, the people, the history.")
    personas: list[Persona] = Field(default_factory=list, description="Typical users.")
    stakeholders: list[Stakeholder] = Field(
        default_factory=list, description="Everybody concerned."
    )
    use_cases: list[UseCase] = Field(default_factory=list, description="Stories of its use.")
    objectives: list[Objective] = Field(default_factory=list, description="Wanted results.")
    requirements: list[Requirement] = Field(default_factory=list, description="Verifiable demands.")
    subjects: list[Subject] = Field(
        default_factory=list, description="What measures are about, beside what Jalon knows."
    )
    existing_systems: list[ExistingSystem] = Field(
        default_factory=list, description="What is already there."
    )
