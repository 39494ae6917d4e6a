"""The real entrance of a solution, open to one more who may hear and say everything."""

from __future__ import annotations

from notebook import Notebook

from jalon.adapters.stores.registry import open_sqlite
from jalon.app import reloading
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.clock import now_ms
from jalon.app.identities import Identities
from jalon.app.solution import Solution
from jalon.run.identity import Attempt, Decide, Denied, Grant

EAR = "ear"


def entrance(solution: Solution) -> Decide:
    """Lets in whom the solution lets in, and `EAR` with the password `ear`."""
    registry = open_sqlite(solution.folder / REGISTRY_FILE)
    identities = Identities(registry, Notebook(), solution.folder, now_ms)
    reloading.learn(identities, solution)

    def decide(attempt: Attempt) -> Grant | Denied:
        if (attempt.user, attempt.secret) == (EAR, EAR):
            return Grant(EAR, ("#",), ("#",))
        return identities.decide(attempt)

    return decide
