"""Everything known of the subjects of measures, joined in one place."""

from __future__ import annotations

from jalon.design.blueprint import Blueprint
from jalon.design.duties.retention import retention_values
from jalon.design.sizing.estimates import estimates
from jalon.design.values import Value


def known_values(blueprint: Blueprint) -> tuple[Value, ...]:
    """What the design computes, what the record of processing lets go, and what was measured."""
    return (*estimates(blueprint), *retention_values(blueprint), *blueprint.values)
