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
    kept = [one for one in found.values if one.left_out is None]
    serious = [one for one in found.events if one.serious]
    retained = [one for one in found.origins if one.retained]
    judged = [one for one in found.origins if one.retained is not None]
    zones = [one.zone for one in found.stakeholders if one.left_out is None]
    weighed = [one for one in found.operations if one.initial is not None]
    return (
        (
            1,
            Text(
                N_(
                    "{values} business values, {assets} supporting assets, {events} feared events,"
                    " {serious} of them G3 or more"
                ),
                {
                    "values": len(kept),
                    "assets": len(found.assets),
                    "events": len(found.events),
                    "serious": len(serious),
                },
            ),
        ),
        (
            2,
            Text(
                N_("{judged} pairs judged, {retained} retained"),
                {"judged": len(judged), "retained": len(retained)},
            ),
        ),
        (
            3,
            Text(
                N_(
                    "{count} stakeholders, {danger} in the danger zone, {control} in the control"
                    " zone; {scenarios} strategic scenarios"
                ),
                {
                    "count": len(zones),
                    "danger": zones.count(Zone.DANGER),
                    "control": zones.count(Zone.CONTROL),
                    "scenarios": len(found.risks),
                },
            ),
        ),
        (
            4,
            Text(
                N_("{count} operational scenarios, {weighed} weighed"),
                {"count": len(found.operations), "weighed": len(weighed)},
            ),
        ),
        (5, _risks(found)),
    )


def _risks(found: Study) -> Text:
    def high(weights: Sequence[Weight | None]) -> int:
        return sum(one is not None and one.level is Risk.HIGH for one in weights)

    return Text(
        N_(
            "high risks: {initial} without controls, {today} today, {planned} once the plan is"
            " carried out; the plan has {measures} measures for {cost} EUR"
        ),
        {
            "initial": high([one.initial for one in found.risks]),
            "today": high([one.today for one in found.risks]),
            "planned": high([one.planned for one in found.risks]),
            "measures": len(found.plan),
            "cost": total_cost(found.plan),
        },
    )
