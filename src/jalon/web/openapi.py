"""How the API describes itself: stable names of its calls, who may make them, how they fail."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from jalon.app.scopes import Scope
from jalon.web.addresses import is_for_devices
from jalon.web.guard import OPEN_PATHS

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, after RFC 9457, in the reader's language.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "instance"],
}
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token, made on the account page or with `jalon token create`; each"
        " may do what its scopes say. A browser's session may do what its user may.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "jalon_session",
        "description": "A browser's session; its forms carry a token of their own.",
    },
    "device": {
        "type": "http",
        "scheme": "basic",
        "description": "User and password of a device or gateway, as at the broker.",
    },
}
_VALIDATION = ("HTTPValidationError", "ValidationError")

_BETTER = {
    "alarms_listed": "alarms_find",
    "alarms_detail": "alarms_get",
    "commands_listed": "commands_find",
    "commands_one": "commands_get",
    "dead_letters_letters": "dead_letters_find",
    "devices_devices": "devices_find",
    "devices_one_device": "devices_get",
    "devices_send": "devices_send_downlink",
    "devices_under_way": "devices_downlinks",
    "devices_why": "devices_diagnosis",
    "export_export": "export_download",
    "integrations_listed": "integrations_find",
    "live_live": "live_values",
    "notifications_listed": "notifications_find",
    "notifications_one": "notifications_get",
    "rules_replay": "rules_backtest",
    "rules_rule": "rules_get",
    "rules_rules": "rules_find",
    "rules_try_out": "rules_backtest_text",
    "things_one_property": "things_property",
    "things_thing": "things_describe",
    "tokens_listed": "tokens_find",
    "twins_show": "twins_get",
    "updates_act": "updates_act_on_campaign",
    "updates_create": "updates_create_campaign",
}
"""Where a function's name says too little outside its module."""

Json = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """`<tag>_<function>`: what a generated client calls it."""
    area = str(route.tags[0]) if route.tags else "operation"
    plain = f"{re.sub('[^a-z0-9]+', '_', area.lower())}_{route.name}"
    return _BETTER.get(plain, plain)


class Application(FastAPI):
    """FastAPI, described the way its gate and its errors really are."""

    def openapi(self) -> Json:
        """Every operation with its security, its scope, and problem documents."""
        if self.openapi_schema is None:
            self.openapi_schema = _mended(super().openapi())
        return self.openapi_schema


def _mended(described: Json) -> Json:
    parts = described.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in _VALIDATION:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    parts["securitySchemes"] = _SCHEMES
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            operation.setdefault("security", _security(method, path))
            _tell_failures(operation)
    return described


def _security(method: str, path: str) -> list[dict[str, list[str]]]:
    if path in OPEN_PATHS:
        return []
    if is_for_devices(path):
        return [{"device": []}]
    # What changes something and names no scope is closed to tokens: see `web.scopes`.
    return [{"token": [Scope.READ.value]}] if method == "get" else [{"session": []}]


def _tell_failures(operation: Json) -> None:
    answers = operation["responses"]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if "422" in answers:
        answers["422"] = {"description": "Something in the request is not right."}
    if operation["security"]:
        answers.setdefault("401", {"description": "Nobody we know asks."})
        answers.setdefault("403", {"description": "Not allowed to who asks."})
    for status, answer in answers.items():
        if status.startswith("4") and "content" not in answer:
            answer["content"] = problem
