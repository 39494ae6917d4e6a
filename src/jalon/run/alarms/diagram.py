"""The table of `life.py` for people: a Mermaid diagram and a table in Markdown."""

from __future__ import annotations

from jalon.run.alarms.life import TABLE, Event, State

ISA: dict[State, str] = {
    State.NORMAL: "Normal",
    State.ACTIVE: "Unacknowledged alarm",
    State.ACKNOWLEDGED: "Acknowledged alarm",
    State.CLEARED: "Returned to normal, unacknowledged",
    State.RESOLVED: "Normal, kept for a while",
    State.CLOSED: "–",
}
"""What ISA-18.2 calls it."""
_EDGES = (
    Event.RAISED,
    Event.WORSENED,
    Event.EASED,
    Event.CLEARED,
    Event.ACKNOWLEDGED,
    Event.CLOSED,
)


def mermaid() -> str:
    """A state diagram of what changes the state; events that leave it are in the table."""
    lines = ["stateDiagram-v2", "    [*] --> normal"]
    for state, events in TABLE.items():
        for event in _EDGES:
            target = events.get(event)
            if target is not None and (target is not state or event is Event.WORSENED):
                lines.append(f"    {state} --> {target} : {event}")
    return "\n".join([*lines, "    closed --> [*]"])


def table() -> str:
    """Every event, and where it leads from each state; – where it cannot happen."""
    states = list(TABLE)
    rows = [["event", *states], ["---"] * (len(states) + 1)]
    rows += [[event, *(TABLE[state].get(event, "–") for state in states)] for event in Event]
    rows.append(["*ISA-18.2*", *(ISA[state] for state in states)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def markdown() -> str:
    """Both, as they stand in `docs/alarms.md`."""
    return f"```mermaid\n{mermaid()}\n```\n\n{table()}\n"
