"""What the keys of an entry may name: the ids that the solution has."""

from __future__ import annotations

from collections.abc import Iterable

from jalon.app.language import Language
from jalon.design.blueprint import Blueprint
from jalon.vocab.entries import Wording
from jalon.web.pages.entries.inputs import Choices, Options


def known_ids(blueprint: Blueprint, language: Language) -> Options:
    """By key. A key that names one thing and one that names several have the same ids."""
    about, built = blueprint.about, blueprint.architecture

    def named(some: Iterable[tuple[str, Wording | str | None]]) -> Choices:
        return tuple((one, _said(one, words, language)) for one, words in some)

    components = named((one.id, one.name) for one in built.components)
    systems = named((one.id, one.name) for one in about.existing_systems)
    cases = [case for file in blueprint.cases.values() for case in file.cases]
    some = {
        "personas": named((one.id, one.name) for one in about.personas),
        "stakeholders": named((one.id, one.name) for one in about.stakeholders),
        "objectives": named((one.id, one.statement) for one in about.objectives),
        "requirements": named((one.id, one.statement) for one in about.requirements),
        "use_cases": named((one.id, one.title) for one in about.use_cases),
        "components": components,
        "systems": systems,
        "zones": named((one.id, one.name) for one in built.zones),
        "flows": named((one.id, one.payload) for one in built.flows),
        "decisions": named((one.id, one.choice) for one in built.decisions),
        "things": tuple(
            (thing, language.word(facts.names)) for thing, facts in blueprint.things.items()
        ),
        "controls": named((one.id, one.name) for one in blueprint.security.controls),
        "tests": named((one.id, one.name) for one in cases),
        "data": named((one.id, one.name) for one in blueprint.privacy.data),
    }
    controls, study = some["controls"], blueprint.ebios
    some |= {"measures": controls, "gravity_measures": controls}
    strategic = named((one.id, one.name) for one in study.strategic_scenarios)
    pairs = named((one.id, one.name) for one in study.pairs)
    # A `measure` alone is what is measured of a requirement, and no control.
    several = [key for key in some if key not in ("data", "tests", "measures")]
    alone = {key.removesuffix("s"): some[key] for key in several}
    ends = (*components, *systems)
    return {**some, **alone, "test": some["tests"], "from": ends, "to": ends} | {
        "risk": strategic,
        "strategic": strategic,
        "pair": pairs,
    }


def _said(one: str, words: Wording | str | None, language: Language) -> str:
    text = words if isinstance(words, str) else language.word(words)
    return f"{one} – {text}" if text and text != one else one
