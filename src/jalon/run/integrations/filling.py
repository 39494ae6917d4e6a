"""Places in braces, in templates of bodies and topics."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
PLACES = frozenset(
    {
        "id",
        "type",
        "time",
        "time_ms",
        "solution",
        "webhook",
        "subject",
        "subject_kind",
        "subject_id",
        "rule",
        "by",
        "severity",
        "what",
        "alarm",
        "who",
        "comment",
        "text",
        "text_fr",
        "text_en",
        "values",
        "state",
        "readings",
        "count",
    }
)
"""What a template may name; beside `values.<name>`."""


def places_of(text: str) -> set[str]:
    """The places a text names."""
    return set(_PLACE.findall(text))


def unknown_places(template: object) -> set[str]:
    """Places of a template that there are not."""
    match template:
        case str():
            found = places_of(template)
            return {one for one in found if one not in PLACES and not one.startswith("values.")}
        case dict():
            return set().union(*map(unknown_places, template.values()), set())
        case list():
            return set().union(*map(unknown_places, template), set())
        case _:
            return set()


def filled(template: object, given: Mapping[str, object]) -> object:
    """The template with its places filled. A text that is nothing but one place becomes the value
    itself, a number or a list too; what there is not becomes null, or nothing within a text."""
    match template:
        case str():
            whole = _PLACE.fullmatch(template)
            if whole:
                return _given(given, whole[1])
            return _PLACE.sub(lambda found: _word(_given(given, found[1])), template)
        case dict():
            return {str(key): filled(one, given) for key, one in template.items()}
        case list():
            return [filled(one, given) for one in template]
        case _:
            return template


def _given(given: Mapping[str, object], place: str) -> object:
    head, dot, rest = place.partition(".")
    found = given.get(head)
    if not dot:
        return found
    return found.get(rest) if isinstance(found, Mapping) else None


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def topic(template: str, given: Mapping[str, str]) -> str:
    """A topic with its places filled; what would be another level or a wildcard becomes `_`."""
    return _PLACE.sub(
        lambda found: re.sub(r"[/+#\s\0]", "_", given.get(found[1], "")) or "_", template
    )
