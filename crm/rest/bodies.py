"""Reading the body of an API request: bounded, JSON only, and item by item, so that one bad item spoils no other."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

import msgspec
from django.http import HttpRequest

from crm.lib.body_limit import MAX_BODY
from crm.rest.problems import Problem

MAX_ITEMS = 1000
Shape = TypeVar("Shape", bound=msgspec.Struct)

_AT = re.compile(r" - at `(?:\$\.?)(.*)`\Z")


def body_of(request: HttpRequest) -> bytes:
    """The whole body, read once. Problem: body_too_large."""
    body: bytes | None = getattr(request, "api_body", None)
    if body is None:
        # Not request.body: that has the smaller limit of forms.
        body = request.read(MAX_BODY + 1)
        request.api_body = body  # type: ignore[attr-defined]  # kept for the next reader: a stream is read once
    if len(body) > MAX_BODY:
        raise Problem("body_too_large", f"Send at most {MAX_BODY} bytes; split a larger batch.")
    return body


def json_body(request: HttpRequest) -> bytes:
    """The body, if it says that it is JSON. Problem: unsupported_media_type."""
    kind = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("unsupported_media_type", "Send JSON with the header “Content-Type: application/json”.")
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise Problem("unsupported_media_type", "Send the body as it is, not compressed, without Content-Encoding.")
    return body_of(request)


def items_of(body: bytes, name: str) -> list[msgspec.Raw]:
    """The items of {"<name>": […]}, each still undecoded."""
    try:
        items: list[msgspec.Raw] = getattr(_envelope(name).decode(body), name)
    except RecursionError:
        _too_deep()
    except msgspec.ValidationError as error:
        raise shape_problem(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        items = _patiently(body, name, error)
    if len(items) > MAX_ITEMS:
        raise Problem("too_many_items", f"Send at most {MAX_ITEMS} {name} in one request.", field=name)
    return items


_ENVELOPES: dict[str, msgspec.json.Decoder[Any]] = {}


def _envelope(name: str) -> msgspec.json.Decoder[Any]:
    if name not in _ENVELOPES:
        shape = msgspec.defstruct("Envelope", [(name, list[msgspec.Raw])], forbid_unknown_fields=True)
        _ENVELOPES[name] = msgspec.json.Decoder(shape)
    return _ENVELOPES[name]


def _patiently(body: bytes, name: str, error: Exception) -> list[msgspec.Raw]:
    """The same, where half a surrogate pair (legal JSON, no text) must not spoil the items that do not hold it."""
    try:
        parsed = json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        _too_deep()
    except ValueError:
        raise Problem("invalid_json", f"The body is not valid JSON: {error}.") from None
    if not isinstance(parsed, dict) or set(parsed) != {name} or not isinstance(parsed[name], list):
        raise Problem("wrong_type", f"Send an object with one field, `{name}`: a list.", field=name)
    return [msgspec.Raw(json.dumps(item).encode()) for item in parsed[name]]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _too_deep() -> NoReturn:
    raise Problem("json_too_deep", "Nothing in this API is nested more than a few levels deep.") from None


def decoded(raw: bytes | msgspec.Raw, decoder: "msgspec.json.Decoder[Shape]") -> Shape:
    """One body or item in its shape. Problem with the path of the field that does not fit."""
    try:
        return decoder.decode(raw)
    except RecursionError:
        _too_deep()
    except msgspec.ValidationError as error:
        raise shape_problem(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if isinstance(raw, msgspec.Raw):
            raise Problem("invalid_text", "A text holds half a surrogate pair or bytes that are not UTF-8.") from None
        raise Problem("invalid_json", f"The body is not valid JSON: {error}.") from None


_MEANINGS: Sequence[tuple[str, str]] = (
    ("Object missing required field", "required"),
    ("Object contains unknown field", "unknown_field"),
    ("with a timezone component", "no_time_zone"),
    ("Invalid RFC3339", "invalid_date"),
    ("Invalid enum value", "invalid_value"),
    ("length <=", "too_long"),
    ("length >=", "too_short"),
    ("Number out of range", "out_of_range"),
    ("Integer value out of range", "out_of_range"),
    (" <= ", "out_of_range"),
    (" >= ", "out_of_range"),
    ("Expected", "wrong_type"),
)
_HINTS = {
    "no_time_zone": "Say the zone: 2026-11-20T10:00:00+08:00, or …Z for UTC.",
    "invalid_date": "Write times like 2026-11-20T10:00:00+08:00.",
    "unknown_field": "Fields we do not know are refused, so that a misspelt one is not lost.",
}
_NAMED = re.compile(r"field `([^`]*)`")


def shape_problem(error: msgspec.ValidationError) -> Problem:
    """msgspec's sentence as a problem: its path becomes `field`, its words a stable code."""
    text = str(error)
    path = found[1] if (found := _AT.search(text)) else ""
    sentence = _AT.sub("", text)
    code = next((code for words, code in _MEANINGS if words in sentence), "invalid_value")
    if code in ("required", "unknown_field") and (named := _NAMED.search(sentence)):
        path = f"{path}.{named[1]}" if path else named[1]
    hint = _HINTS.get(code, "")
    return Problem(code, f"{sentence}. {hint}".strip()[:400], field=path[:200])
