"""The readable page of the API: the OpenAPI document, laid out for people by the server, without any script."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from drf_spectacular.generators import SchemaGenerator

JSON = "application/json"


class Field(NamedTuple):
    name: str
    kind: str
    is_required: bool
    text: str


class Operation(NamedTuple):
    anchor: str
    method: str
    path: str
    summary: str
    text: str
    parameters: list[Field]
    takes: str
    example: str
    answers: list[tuple[str, str, str]]  # status, shape, what is said of it


class Shape(NamedTuple):
    name: str
    text: str
    fields: list[Field]


class DocsPage(NamedTuple):
    title: str
    groups: dict[str, list[Operation]]
    shapes: list[Shape]


@cache
def page() -> DocsPage:
    document = SchemaGenerator().get_schema(request=None, public=True)
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    shapes = [_shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]
    return DocsPage(document["info"]["title"], groups, [shape for shape in shapes if shape.fields])


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
    example = body["examples"][0] if "examples" in body else None
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        text=operation.get("description", ""),
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", ())],
        takes=_kind(body) if body else "",
        example=json.dumps(example, ensure_ascii=False, indent=2) if example else "",
        answers=list(_answers(operation["responses"])),
    )


def _parameter(parameter: dict[str, Any]) -> Field:
    text = parameter.get("description", "")
    if choices := parameter["schema"].get("enum"):
        text = f"{text} One of: {', '.join(str(choice) for choice in choices)}.".strip()
    return Field(parameter["name"], _kind(parameter["schema"]), parameter.get("required", False), text)


def _answers(responses: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, response in responses.items():
        for content in response.get("content", {}).values():
            yield status, _kind(content["schema"]), response.get("description", "").replace("`", "")


def _shape(name: str, schema: dict[str, Any]) -> Shape:
    required = schema.get("required", ())
    fields = [
        Field(field, _kind(value), field in required, _field_text(value))
        for field, value in schema.get("properties", {}).items()
    ]
    return Shape(name, " ".join(schema.get("description", "").split()), fields)


def _field_text(value: dict[str, Any]) -> str:
    if "description" in value:
        return str(value["description"])
    return next((str(choice["description"]) for choice in value.get("anyOf", ()) if "description" in choice), "")


def _kind(schema: dict[str, Any]) -> str:
    """A type in a few words: `string`, `LineBody[]`, `integer or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "allOf", "oneOf"):
        if several in schema:
            return " or ".join(_kind(choice) for choice in schema[several])
    if schema.get("type") == "array":
        return f"{_kind(schema['items'])}[]"
    kinds = schema.get("type", "any")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{kind} ({schema['format']})" if "format" in schema else kind
