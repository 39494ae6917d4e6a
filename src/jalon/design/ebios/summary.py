"""The study in a few lines: what each workshop has, and what it still lacks."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.design.ebios.ecosystem import Zone
from jalon.design.ebios.risks import Weight, total_cost
from jalon.design.ebios.study import Study
from jalon.design.scales import Risk
from jalon.vocab.text import N_, Text


def summary(found: Study) -> Sequence[tuple[int, Text]]:
    """A sentence a workshop."""
    workshops = (_scope(found), _origins(found), _ecosystem(found), _ways(found), _risks(found))
    return tuple(enumerate(workshops, start=1))


def _scope(found: Study) -> Text:
    message = N_(
        "{values} business values, {assets} supporting assets, {events} feared events,"
        " {serious} of them G3 or more"
    )
    counts = {
        "values": sum(one.left_out is None for one in found.values),
        "assets": len(found.assets),
        "events": len(found.events),
        "serious": sum(one.serious for one in found.events),
    }
    return Text(message, counts)


def _origins(found: Study) -> Text:
    judged = [one.retained for one in found.origins if one.retained is not None]
    message = N_("{judged} pairs judged, {retained} retained")
    return Text(message, {"judged": len(judged), "retained": sum(judged)})


def _ecosystem(found: Study) -> Text:
    zones = [one.zone for one in found.stakeholders if one.left_out is None]
    message = N_(
        "{count} stakeholders, {danger} in the danger zone, {control} in the control zone;"
        " {scenarios} strategic scenarios"
    )
    counts = {
        "count": len(zones),
        "danger": zones.count(Zone.DANGER),
        "control": zones.count(Zone.CONTROL),
        "scenarios": len(found.risks),
    }
    return Text(message, counts)


def _ways(found: Study) -> Text:
    weighed = sum(one.initial is not None for one in found.operations)
    message = N_("{count} operational scenarios, {weighed} weighed")
    return Text(message, {"count": len(found.operations), "weighed": weighed})


def _risks(found: Study) -> Text:
    def high(weights: Sequence[Weight | None]) -> int:
        return sum(one is not None and one.level is Risk.HIGH for one in weights)

    message = N_(
        "high risks: {initial} without controls, {today} today, {planned} once the plan is"
        " carried out; the plan has {measures} measures for {cost} EUR"
    )
    counts = {
        "initial": high([one.initial for one in found.risks]),
        "today": high([one.today for one in found.risks]),
        "planned": high([one.planned for one in found.risks]),
        "measures": len(found.plan),
        "cost": total_cost(found.plan),
    }
    return Text(message, counts)
