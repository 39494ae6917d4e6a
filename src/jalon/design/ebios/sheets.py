"""Every table of the study."""

from __future__ import annotations

from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.sheet import Sheet
from jalon.design.ebios.sheets_of_attacks import operational_sheets, strategic_sheets
from jalon.design.ebios.sheets_of_scope import origin_sheets, scope_sheets
from jalon.design.ebios.sheets_of_treatment import treatment_sheets
from jalon.design.ebios.study import study

SHEETS = (
    "missions",
    "business-values",
    "feared-events",
    "supporting-assets",
    "baseline",
    "pairs",
    "proposed-pairs",
    "stakeholders",
    "strategic-scenarios",
    "operational-scenarios",
    "actions",
    "risks",
    "treatments",
    "plan",
    "indicators",
)
"""Their ids, in the order of the workshops."""
MAIN = {1: "feared-events", 2: "pairs", 3: "strategic-scenarios", 4: "actions", 5: "plan"}
"""The table that matters most of each workshop."""


def sheets(blueprint: Blueprint, today: date) -> list[Sheet]:
    """All of them, in the order of the workshops."""
    found = study(blueprint)
    return [
        *scope_sheets(blueprint, found),
        *origin_sheets(blueprint, found),
        *strategic_sheets(found),
        *operational_sheets(found),
        *treatment_sheets(blueprint, found, today),
    ]
