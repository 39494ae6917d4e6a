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
    "device": {
        "type": "http",
        "scheme": "basic",
        "description": "User and password of a device or gateway, as at the broker.",
    },
}
_VALIDATION = ("HTTPValidationError", "ValidationError")

Json = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """`<tag>_<function>`: what a generated client calls it."""
    area = str(route.tags[0]) if route.tags else "operation"
    return f"{re.sub('[^a-z0-9]+', '_', area.lower())}_{route.name}"


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
        for operation in operations.values():
            operation.setdefault("security", _security(path))
            _tell_failures(operation)
    return described


def _security(path: str) -> list[dict[str, list[str]]]:
    if path in OPEN_PATHS:
        return []
    return [{"device": []}] if is_for_devices(path) else [{"token": [Scope.READ.value]}]


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
