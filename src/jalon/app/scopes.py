"""What an API token may do."""

from __future__ import annotations

from enum import StrEnum

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


class Scope(StrEnum):
    """One thing programs do with a token. A token has exactly those it was given: one that may
    write may not read for that."""

    READ = "read"
    EXPORT = "export"
    ALARMS = "alarms:write"
    COMMANDS = "commands:write"
    TWINS = "twins:write"
    UPDATES = "updates:write"
    RULES = "rules:write"
    FLEET = "fleet:write"
    ADMIN = "admin"


MEANINGS: dict[Scope, str] = {
    Scope.READ: N_("Read devices, values, alarms and everything else that is shown"),
    Scope.EXPORT: N_("Download the history of values in bulk"),
    Scope.ALARMS: N_("Acknowledge, shelve, comment and close alarms"),
    Scope.COMMANDS: N_("Send commands to devices"),
    Scope.TWINS: N_("Change the state wanted of devices"),
    Scope.UPDATES: N_("Roll out updates, and stop them"),
    Scope.RULES: N_("Try, switch off and change rules, and set silences"),
    Scope.FLEET: N_("Change tags and groups of devices"),
    Scope.ADMIN: N_("Everything, the operation of Jalon itself included"),
}
"""Message ids that say it to people."""

EVERYTHING = frozenset(Scope)
FOR_READERS = frozenset({Scope.READ, Scope.EXPORT})
"""What the token of somebody who changes nothing may do at most."""


def scopes_of(words: str) -> frozenset[Scope]:
    """Those in a text with spaces. A word of a newer version gives nothing."""
    known = {one.value for one in Scope}
    return frozenset(Scope(word) for word in words.split() if word in known)


def scope_named(word: str) -> Scope:
    """Raises UsageError with those there are."""
    try:
        return Scope(word)
    except ValueError:
        names = ", ".join(Scope)
        text = Text(
            N_("There is no scope {scope}; there are {names}."),
            {"scope": word[:64], "names": names},
        )
        raise UsageError(text) from None
