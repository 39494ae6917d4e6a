"""Functions in Python that rules look at, run in a process of their own."""

from jalon.adapters.plugin_rules.process import Limits
from jalon.adapters.plugin_rules.runner import Processes

__all__ = ["Limits", "Processes"]
