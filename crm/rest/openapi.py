"""The OpenAPI document: its shapes are the msgspec structs that really read and write, no second description."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from crm.rest.idempotency import HEADER
from crm.rest.problems import PROBLEM_KINDS, ProblemOut

View = TypeVar("View", bound=Callable[..., Any])
REF = "#/components/schemas/{name}"
_SHAPES: dict[str, type[msgspec.Struct]] = {"ProblemOut": ProblemOut}

_HEADERS: dict[str, str] = {
    "RateLimit-Limit": "Requests a key may make in a minute.",
    "RateLimit-Remaining": "Requests left in this minute.",
    "RateLimit-Reset": "Seconds to the next minute.",
}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]  # drf-spectacular has no types
    target_class = "crm.rest.auth.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer sk_<shop>_…`. A secret key with the scope of the operation.",
        }


class ShapeSchema(AutoSchema):  # type: ignore[misc]  # drf-spectacular has no types
    """Takes our shapes as they are: a page of a list says itself that it holds several."""

    _in_response = False

    def get_description(self) -> str:
        """Only what `documented` says: a docstring is for whoever reads the program, not for whoever calls it."""
        return ""

    def _get_response_for_code(self, *args: Any, **kwargs: Any) -> Any:
        self._in_response = True
        try:
            return super()._get_response_for_code(*args, **kwargs)
        finally:
            self._in_response = False

    def _is_list_view(self, serializer: Any = None) -> bool:
        return not self._in_response and bool(super()._is_list_view(serializer))


def ref(shape: type[msgspec.Struct]) -> dict[str, Any]:
    _SHAPES[shape.__name__] = shape
    return {"$ref": REF.format(name=shape.__name__)}


def documented(
    summary: str,
    *,
    description: str = "",
    takes: type[msgspec.Struct] | dict[str, Any] | None = None,
    example: Any = None,
    answers: type[msgspec.Struct],
    created: bool = False,
    problems: Iterable[str] = (),
    expand: Iterable[str] = (),
    paged: bool = False,
    idempotent: bool = False,
    asks: Mapping[str, str] | None = None,
    may_ask: Mapping[str, str] | None = None,
) -> Callable[[View], View]:
    """Describe one operation. Problems that any request can meet are added.

    asks, may_ask: parameters of the address that must, or may, be there, each with what it means.
    """
    statuses: list[int | str] = [201, 200] if created else [200]
    body = OpenApiResponse(response=ref(answers), description="")
    responses: dict[Any, Any] = {(status, "application/json"): body for status in statuses}
    lists = paged or bool(expand or asks or may_ask)
    responses |= _problem_responses(problems, writes=takes is not None, idempotent=idempotent, asks=lists, paged=paged)
    request = {"application/json": _body(takes, example)} if takes is not None else None
    decorator: Callable[[View], View] = extend_schema(
        summary=summary,
        description=description,
        request=request,
        responses=responses,
        parameters=[
            *_parameters(expand, paged, idempotent),
            *(OpenApiParameter(name, str, required=True, description=text) for name, text in (asks or {}).items()),
            *(OpenApiParameter(name, str, description=text) for name, text in (may_ask or {}).items()),
        ],
    )
    return decorator


def _body(takes: type[msgspec.Struct] | dict[str, Any], example: Any) -> dict[str, Any]:
    schema = takes if isinstance(takes, dict) else ref(takes)
    return {"allOf": [schema], "examples": [example]} if example is not None else schema


def _problem_responses(
    codes: Iterable[str], *, writes: bool, idempotent: bool, asks: bool, paged: bool
) -> dict[Any, Any]:
    always = ["key_missing", "key_invalid", "key_in_url", "key_publishable", "scope_missing", "rate_limited"]
    always += ["not_acceptable", "unknown_parameter", "unavailable"]
    if asks:
        always.append("invalid_parameter")
    if paged:
        always.append("invalid_cursor")
    if writes:
        always += ["body_too_large", "request_timeout", "unsupported_media_type", "invalid_json", "json_too_deep"]
        always += ["wrong_type", "required", "unknown_field", "gone_meanwhile"]
    if idempotent:
        always += ["invalid_idempotency_key", "idempotency_in_progress", "idempotency_mismatch"]
    by_status: dict[int, list[str]] = {}
    for code in [*always, *codes]:
        by_status.setdefault(PROBLEM_KINDS[code].status, []).append(code)
    return {
        (status, "application/problem+json"): OpenApiResponse(
            response=ref(ProblemOut), description="Codes: " + ", ".join(f"`{code}`" for code in codes_)
        )
        for status, codes_ in sorted(by_status.items())
    }


def _parameters(expand: Iterable[str], paged: bool, idempotent: bool) -> list[OpenApiParameter]:
    parameters = [
        OpenApiParameter(name, str, OpenApiParameter.HEADER, response=True, description=text)
        for name, text in _HEADERS.items()
    ]
    if paged:
        limit = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
        parameters += [
            OpenApiParameter("limit", limit, description="Rows of a page."),
            OpenApiParameter("cursor", str, description="From `next` or `previous` of another page of this list."),
        ]
    if words := list(expand):
        text = "Related rows to send along, separated by commas: " + ", ".join(f"`{word}`" for word in words)
        parameters.append(OpenApiParameter("expand", str, description=text))
    if idempotent:
        text = "Makes the request safe to send again for 72 hours; the answer comes back byte for byte."
        parameters.append(OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description=text))
    return parameters


def add_shapes(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """drf-spectacular's postprocessing hook: the schemas of all shapes that `ref` was asked for."""
    _, components = msgspec.json.schema_components(_SHAPES.values(), ref_template=REF)
    result.setdefault("components", {}).setdefault("schemas", {}).update(sorted(components.items()))
    for operation in (operation for path in result["paths"].values() for operation in path.values()):
        for parameter in operation.get("parameters", ()):
            # A note of drf-spectacular to its own hook that joins enums, which is not used.
            parameter["schema"].pop("x-spec-enum-id", None)
    return result
