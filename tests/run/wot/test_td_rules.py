"""What makes a Thing Description or a Thing Model valid, rule by rule."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.wot.check import is_valid, problems
from jalon.vocab.finding import Severity

TD: dict[str, Any] = {
    "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"@language": "en"}],
    "id": "urn:example:boiler",
    "title": "Boiler",
    "titles": {"en": "Boiler", "fr": "Chaudière"},
    "version": {"instance": "1.2.0", "model": "1.0.0"},
    "created": "2026-01-31T12:00:00Z",
    "securityDefinitions": {
        "password": {"scheme": "basic", "in": "header"},
        "key": {"scheme": "apikey", "in": "uri", "name": "apiKey"},
        "both": {"scheme": "combo", "allOf": ["password", "key"]},
        "own": {"scheme": "ace:Scheme"},
        "flow": {
            "scheme": "oauth2",
            "flow": "code",
            "authorization": "https://a.example/auth",
            "token": "https://a.example/token",
        },
    },
    "security": "both",
    "schemaDefinitions": {"trouble": {"type": "string"}},
    "links": [{"rel": "icon", "href": "icon.png", "sizes": "16x16 32x32"}],
    "forms": [{"op": ["readallproperties"], "href": "all"}],
    "properties": {
        "temperature": {
            "type": "number",
            "minimum": 0,
            "maximum": 95.5,
            "unit": "Cel",
            "forms": [{"href": "t{?unit}", "op": ["readproperty", "observeproperty"]}],
            "uriVariables": {"unit": {"type": "string", "enum": ["C", "K"]}},
        }
    },
    "actions": {
        "heat": {
            "input": {"type": "object", "properties": {"to": {"type": "number"}}},
            "safe": False,
            "forms": [
                {
                    "href": "heat",
                    "security": ["password"],
                    "additionalResponses": [{"success": False, "schema": "trouble"}],
                }
            ],
        }
    },
    "events": {"overheated": {"data": {"type": "number"}, "forms": [{"href": "hot"}]}},
}
TM: dict[str, Any] = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "@type": "tm:ThingModel",
    "title": "Boiler {{NUMBER}}",
    "version": {"model": "1.0.0"},
    "tm:optional": ["/actions/heat"],
    "properties": {
        "temperature": {"type": "number", "maximum": "{{MAXIMUM}}"},
        "pressure": {"tm:ref": "pump.tm.json#/properties/pressure"},
    },
    "actions": {"heat": {}},
}


def changed(document: Mapping[str, Any], path: str, value: object = None) -> dict[str, Any]:
    """The document with another value at a path; without the key when None is given."""
    made = copy.deepcopy(dict(document))
    inside: Any = made
    *above, last = path.split("/")
    for key in above:
        inside = inside[int(key)] if isinstance(inside, list) else inside[key]
    at: Any = int(last) if isinstance(inside, list) else last
    if value is None:
        del inside[at]
    else:
        inside[at] = value
    return made


def errors(document: object) -> list[str]:
    """Pointers of the errors."""
    return [one.pointer for one in problems(document) if one.severity is Severity.ERROR]


def test_whole_documents_have_nothing_wrong() -> None:
    assert problems(TD) == []
    assert problems(TM) == []


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("@context", None, ""),
        ("@context", "https://schema.org", "/@context"),
        (
            "@context",
            ["https://www.w3.org/2022/wot/td/v1.1", "https://www.w3.org/2019/wot/td/v1"],
            "/@context",
        ),
        ("title", None, ""),
        ("title", 5, "/title"),
        ("titles/english language", "x", "/titles/english language"),
        ("id", "no uri", "/id"),
        ("created", "2026-01-31", "/created"),
        ("version", {"model": "1"}, "/version"),
        ("security", None, ""),
        ("security", [], "/security"),
        ("security", "nobody", "/security"),
        ("securityDefinitions", {}, "/securityDefinitions"),
        ("securityDefinitions/password", {"in": "header"}, "/securityDefinitions/password"),
        ("securityDefinitions/password/scheme", "magic", "/securityDefinitions/password/scheme"),
        ("securityDefinitions/password/in", "pocket", "/securityDefinitions/password/in"),
        ("securityDefinitions/both/allOf", ["password"], "/securityDefinitions/both/allOf"),
        ("securityDefinitions/both/allOf", ["a", "key"], "/securityDefinitions/both/allOf"),
        ("securityDefinitions/both/oneOf", ["password", "key"], "/securityDefinitions/both"),
        ("securityDefinitions/flow/token", None, "/securityDefinitions/flow"),
        ("links/0/href", None, "/links/0"),
        ("links/0/rel", "about", "/links/0/sizes"),
        ("links/0/sizes", "large", "/links/0/sizes"),
        ("links/0", {"rel": "tm:extends", "href": "a"}, "/links/0/rel"),
        ("links", [{"rel": "type", "href": "a"}, {"rel": "type", "href": "b"}], "/links"),
        ("forms/0/op", None, "/forms/0"),
        ("forms/0/op", "readproperty", "/forms/0/op"),
        ("properties/temperature/forms", None, "/properties/temperature"),
        ("properties/temperature/forms", [], "/properties/temperature/forms"),
        ("properties/temperature/forms/0/href", None, "/properties/temperature/forms/0"),
        ("properties/temperature/forms/0/op", [], "/properties/temperature/forms/0/op"),
        ("properties/temperature/forms/0/op/1", "x", "/properties/temperature/forms/0/op/1"),
        ("properties/temperature/type", "float", "/properties/temperature/type"),
        ("properties/temperature/minimum", "0", "/properties/temperature/minimum"),
        ("properties/temperature/multipleOf", 0, "/properties/temperature/multipleOf"),
        ("properties/temperature/enum", [], "/properties/temperature/enum"),
        ("properties/temperature/enum", [1, 2, 1], "/properties/temperature/enum"),
        ("properties/temperature/enum", ["on"], "/properties/temperature/enum/0"),
        ("properties/temperature/readOnly", "yes", "/properties/temperature/readOnly"),
        (
            "properties/temperature/uriVariables",
            {"apiKey": {"type": "string"}},
            "/properties/temperature/uriVariables",
        ),
        ("actions/heat", "now", "/actions/heat"),
        ("actions/heat/input/properties/to/type", "real", "/actions/heat/input/properties/to/type"),
        ("actions/heat/forms/0/security", ["own", "x"], "/actions/heat/forms/0/security"),
        ("actions/heat/forms/0/op", "invokeAction", "/actions/heat/forms/0/op"),
        (
            "actions/heat/forms/0/additionalResponses/0/schema",
            "unknown",
            "/actions/heat/forms/0/additionalResponses/0/schema",
        ),
        ("actions/heat/forms/0/response", {}, "/actions/heat/forms/0/response"),
        ("events/overheated/data", [], "/events/overheated/data"),
        ("tm:optional", ["/actions/heat"], "/tm:optional"),
    ],
)
def test_a_fault_of_a_description_is_found_where_it_is(
    path: str, value: object, pointer: str
) -> None:
    assert pointer in errors(changed(TD, path, value))


def test_a_description_is_no_model_and_a_model_no_description() -> None:
    both = changed(TD, "@type", "tm:ThingModel")
    assert [one.pointer for one in problems(both, model=False)] == ["/@type"]
    assert "/@type" in [one.pointer for one in problems(changed(TM, "@type", "Thing"), model=True)]


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("@context", None, ""),
        ("version", {"instance": "1"}, "/version/instance"),
        ("tm:optional", ["#/actions/heat"], "/tm:optional/0"),
        ("tm:optional", ["/actions/heat/input"], "/tm:optional/0"),
        ("tm:optional", ["/actions/cool"], "/tm:optional/0"),
        ("properties/pressure/tm:ref", "pump.tm.json", "/properties/pressure/tm:ref"),
        ("properties/{{NAME}}", {"type": "number"}, "/properties/{{NAME}}"),
        ("properties/temperature/maximum", "{MAXIMUM}", "/properties/temperature/maximum"),
        ("properties/temperature/forms", [{"op": "invokeaction"}], None),
    ],
)
def test_a_fault_of_a_model_is_found_where_it_is(
    path: str, value: object, pointer: str | None
) -> None:
    found = errors(changed(TM, path, value))
    assert (pointer in found) if pointer is not None else found


def test_what_is_odd_is_told_and_accepted() -> None:
    odd = changed(TD, "properties/temperature/readOnly", True)
    odd = changed(odd, "properties/temperature/writeOnly", True)
    odd = changed(odd, "events/overheated/data", {"type": "array"})
    assert is_valid(odd)
    assert [one.pointer for one in problems(odd)] == [
        "/properties/temperature",
        "/events/overheated/data",
    ]


def test_a_description_for_td_1_0_is_read() -> None:
    assert is_valid(changed(TD, "@context", "https://www.w3.org/2019/wot/td/v1"))


def test_pointers_are_escaped() -> None:
    found = problems(changed(TM, "properties/temperature/titles", {"a/b~c": "x"}))
    assert found[0].pointer == "/properties/temperature/titles/a~1b~0c"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "forms", "href", "op", "enum", "properties", "items", "scheme", "links"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(TD)), JSON, st.booleans())
def test_anything_at_all_is_judged_and_never_a_crash(key: str, value: Any, model: bool) -> None:
    for one in problems({**TD, key: value}, model):
        assert str(one.text)
    problems(value)
