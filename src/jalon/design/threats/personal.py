"""Which flows and components have data about people, and of what kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import Flow
from jalon.design.spec.privacy import Nature, Personal
from jalon.design.structure.graph import Node
from jalon.vocab.text import N_, Text


class Weight(IntEnum):
    """How much the data says of somebody."""

    NONE = 0
    INDIRECT = 2
    DIRECT = 3
    SENSITIVE = 4


_SPECIAL = frozenset(
    {
        Nature.HEALTH,
        Nature.BIOMETRIC,
        Nature.GENETIC,
        Nature.ORIGIN,
        Nature.OPINIONS,
        Nature.BELIEFS,
        Nature.UNION,
        Nature.SEX_LIFE,
        Nature.OFFENCES,
    }
)
_HIGHLY_PERSONAL = frozenset(
    {
        Nature.LOCATION,
        Nature.COMMUNICATIONS,
        Nature.FINANCES,
        Nature.IMAGE,
        Nature.SOUND,
        Nature.CREDENTIALS,
    }
)


@dataclass(frozen=True, eq=False)
class PersonalData:
    """What privacy.yaml and the flows say. `by_component` and `by_thing` are the heaviest data."""

    by_data: Mapping[str, tuple[Weight, Text]]
    by_component: Mapping[str, tuple[Weight, Text]]
    by_thing: Mapping[str, tuple[Weight, Text]]

    def of_flow(self, flow: Flow) -> tuple[Weight, Text] | None:
        """What travels on it; None when nothing about people does, as far as is written."""
        found = [self.by_data[one] for one in flow.data if one in self.by_data]
        heaviest = _heaviest(found)
        if heaviest is None and flow.personal_data:
            return Weight.DIRECT, Text(N_("personal data travels here"))
        return heaviest

    def of_node(self, node: Node) -> tuple[Weight, Text] | None:
        """What the component keeps or senses itself."""
        found = [self.by_component[node.id]] if node.id in self.by_component else []
        if node.component:
            found += [self.by_data[one] for one in node.component.stores if one in self.by_data]
            found += [self.by_thing[one] for one in node.component.things if one in self.by_thing]
        return _heaviest(found)


def personal_data(blueprint: Blueprint) -> PersonalData:
    """The data about people, by where it is."""
    by_data: dict[str, tuple[Weight, Text]] = {}
    by_component: dict[str, tuple[Weight, Text]] = {}
    by_thing: dict[str, tuple[Weight, Text]] = {}
    for one in blueprint.privacy.data:
        weight = _weight(one.personal, one.nature)
        if weight is Weight.NONE:
            continue
        held = weight, Text(_WORDS[weight], {"data": one.id})
        by_data[one.id] = held
        for component in one.components:
            by_component[component] = _heaviest([held, *_there(by_component, component)]) or held
        for thing in {name.partition(".")[0] for name in one.properties}:
            by_thing[thing] = _heaviest([held, *_there(by_thing, thing)]) or held
    return PersonalData(by_data, by_component, by_thing)


_WORDS = {
    Weight.INDIRECT: N_("data from which somebody could be recognised ({data})"),
    Weight.DIRECT: N_("personal data ({data})"),
    Weight.SENSITIVE: N_("sensitive personal data ({data})"),
}


def _weight(personal: Personal, nature: Nature) -> Weight:
    if personal is Personal.NONE:
        return Weight.NONE
    if nature in _SPECIAL:
        return Weight.SENSITIVE
    if personal is Personal.DIRECT or nature in _HIGHLY_PERSONAL:
        return Weight.DIRECT
    return Weight.INDIRECT


def _there(held: Mapping[str, tuple[Weight, Text]], key: str) -> list[tuple[Weight, Text]]:
    return [held[key]] if key in held else []


def _heaviest(found: list[tuple[Weight, Text]]) -> tuple[Weight, Text] | None:
    return max(found, key=lambda one: one[0]) if found else None
