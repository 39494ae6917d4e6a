"""What the law asks of the solution, and the client's values: `regulation.yaml`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class Answer(StrEnum):
    """`UNKNOWN` is an answer too: somebody has been asked."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class FactAnswer(Strict):
    """Something only people know, or know better than what was computed."""

    id: Identifier = Field(description="The fact, as `jalon design duties facts` names it.")
    answer: Answer = Field(description="yes, no or unknown.")
    reason: Wording | None = Field(default=None, description="Why, or where it can be read.")
    by: str | None = Field(default=None, description="The role that answered.")
    on: date | None = Field(default=None, description="The day of the answer.")


class DutyStatus(StrEnum):
    """How far an obligation is."""

    MET = "met"
    PLANNED = "planned"
    NOT_MET = "not-met"
    NOT_APPLICABLE = "not-applicable"


class Duty(Strict):
    """What is done about an obligation."""

    id: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="The obligation, as `jalon design duties` names it, or one of `own`.",
    )
    status: DutyStatus = Field(description="How far it is.")
    reason: Wording | None = Field(
        default=None, description="What is done; for not-applicable, why it does not apply."
    )
    owner: str | None = Field(default=None, description="The role that answers for it.")
    due: date | None = Field(default=None, description="The day by which it is to be met.")
    controls: list[Identifier] = Field(
        default_factory=list, description="The controls of security.yaml that meet it."
    )
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements of solution.yaml that ask for it."
    )
    tests: list[Identifier] = Field(
        default_factory=list, description="The test cases of tests/ that show it."
    )
    components: list[Identifier] = Field(
        default_factory=list, description="The components that carry it."
    )
    documents: list[str] = Field(
        default_factory=list, description="Where it is written: contract, notice, procedure."
    )


class OwnObligation(Strict):
    """An obligation that no catalogue of ours has: the sector's, a town's, a contract's."""

    id: Identifier = Field(description="Id by which `duties` names it.")
    name: Wording = Field(description="What is asked.")
    regulation: Wording = Field(description="The text that asks it.")
    article: str | None = Field(default=None, description="Where in the text.")
    since: date | None = Field(default=None, description="The day from which it applies.")
    bearer: Wording | None = Field(default=None, description="Who must do it.")
    because: Wording = Field(description="The facts of the solution that make it apply.")
    source: str | None = Field(default=None, description="Where it was read, and when.")
    to_check: Wording | None = Field(
        default=None, description="What has still to be compared with the text."
    )


class Commitment(Strict):
    """One promise of the client's charter."""

    id: Identifier = Field(description="Id by which ethics answers name it.")
    text: Wording = Field(description="The promise, in the client's words.")


class Stand(StrEnum):
    """How an answer stands to the client's charter."""

    MATCHED = "matched"
    CONFLICT = "conflict"
    SILENT = "silent"


class EthicsAnswer(Strict):
    """What was said to a question of the ethics grid."""

    id: Identifier = Field(description="The question, as `jalon design duties ethics` names it.")
    score: int = Field(ge=0, le=3, description="0 not thought of, 1 weak, 2 fair, 3 good.")
    reason: Wording = Field(description="Why this score; what was decided.")
    stand: Stand = Field(
        default=Stand.SILENT, description="How the solution stands to the charter there."
    )
    commitments: list[Identifier] = Field(
        default_factory=list, description="The promises of the charter it is about."
    )
    requirements: list[Identifier] = Field(
        default_factory=list, description="The requirements that hold it."
    )
    by: str | None = Field(default=None, description="The role that answered.")
    on: date | None = Field(default=None, description="The day of the answer.")


class ProductFunction(Strict):
    """A function of the product that weighs for its class under the Cyber Resilience Act."""

    id: Identifier = Field(
        description="As `jalon design duties product` lists them, such as `connected-toy`."
    )
    main: bool = Field(
        default=False, description="Whether it is what the product is mainly made for."
    )
    reason: Wording | None = Field(default=None, description="Why it is, or is not.")


class ProductDeclaration(Strict):
    """The product that is placed on the market, when there is one."""

    manufacturer: str | None = Field(
        default=None, description="Who has its name on it; for its own brand the client."
    )
    placed_on: date | None = Field(
        default=None, description="The day the first one is, or will be, on the market."
    )
    support_until: date | None = Field(
        default=None, description="The day until which security updates are given."
    )
    functions: list[ProductFunction] = Field(
        default_factory=list, description="Functions that weigh for its class."
    )
    data_access: Wording | None = Field(
        default=None, description="How users get at their data (Data Act): page, file, interface."
    )
    data_holder: str | None = Field(default=None, description="Who holds the data.")
    third_parties: Wording | None = Field(
        default=None, description="Whom the data is shared with, and how users can ask for it."
    )


class RegulationFile(Strict):
    """The whole of `regulation.yaml`."""

    answers: list[FactAnswer] = Field(
        default_factory=list, description="Facts that only people know."
    )
    product: ProductDeclaration | None = Field(
        default=None, description="The product placed on the market, and its data."
    )
    duties: list[Duty] = Field(
        default_factory=list, description="What is done about each obligation."
    )
    own: list[OwnObligation] = Field(
        default_factory=list, description="Obligations that no catalogue has."
    )
    charter: list[Commitment] = Field(
        default_factory=list, description="The promises of the client's charter, one by one."
    )
    ethics: list[EthicsAnswer] = Field(
        default_factory=list, description="Answers to the ethics questions."
    )
