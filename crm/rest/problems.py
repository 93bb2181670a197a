"""What the API answers when it cannot do as asked: problem+json (RFC 9457) with a stable code and what to do."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

logger = logging.getLogger("crm.api")

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 5  # what a client is told to wait while the database is away


class Kind(NamedTuple):
    status: int
    title: str


KINDS: dict[str, Kind] = {
    # The request as a whole
    "key_missing": Kind(401, "No API key"),
    "key_invalid": Kind(401, "API key not valid"),
    "key_in_url": Kind(401, "API key in the address"),
    "key_publishable": Kind(403, "A publishable key may not do this"),
    "scope_missing": Kind(403, "The key lacks a scope"),
    "not_found": Kind(404, "Not found"),
    "method_not_allowed": Kind(405, "Method not allowed"),
    "not_acceptable": Kind(406, "Only JSON is spoken here"),
    "request_timeout": Kind(408, "The body did not arrive in time"),
    "idempotency_in_progress": Kind(409, "The first request with this Idempotency-Key is still running"),
    "identifier_taken": Kind(409, "The identifier belongs to another customer"),
    "body_too_large": Kind(413, "The body is too large"),
    "unsupported_media_type": Kind(415, "The body is not JSON"),
    "idempotency_mismatch": Kind(422, "The Idempotency-Key was used with another body"),
    "rate_limited": Kind(429, "Too many requests"),
    "internal_error": Kind(500, "Something went wrong on our side"),
    "unavailable": Kind(503, "Not available for the moment"),
    "invalid_idempotency_key": Kind(400, "The Idempotency-Key cannot be used"),
    "invalid_parameter": Kind(400, "A parameter of the address cannot be used"),
    "unknown_parameter": Kind(400, "A parameter of the address is not known"),
    "invalid_cursor": Kind(400, "The cursor cannot be used"),
    "bad_request": Kind(400, "The request cannot be read"),
    "invalid_json": Kind(400, "The body is not JSON that can be read"),
    "json_too_deep": Kind(400, "The body is nested too deeply"),
    "too_many_items": Kind(400, "Too many items in one request"),
    # The request or one item of it
    "required": Kind(400, "A field is missing"),
    "unknown_field": Kind(400, "A field is not known"),
    "wrong_type": Kind(400, "A field has the wrong type"),
    "invalid_value": Kind(400, "A field cannot be understood"),
    "invalid_text": Kind(400, "A text is not valid Unicode"),
    "control_character": Kind(400, "A text holds a control character"),
    "too_long": Kind(400, "A text or list is too long"),
    "too_short": Kind(400, "A text or list is empty"),
    "out_of_range": Kind(400, "A number is out of range"),
    "not_a_number": Kind(400, "An amount is not a number"),
    "negative_amount": Kind(400, "An amount is negative"),
    "amount_too_large": Kind(400, "An amount is too large"),
    "invalid_date": Kind(400, "A time cannot be understood"),
    "no_time_zone": Kind(400, "A time says no zone"),
    "date_out_of_range": Kind(400, "A time is too long ago"),
    "date_in_future": Kind(400, "A time lies in the future"),
    "unknown_currency": Kind(400, "The currency is not known"),
    "unknown_status": Kind(400, "The status is not known"),
    "invalid_email": Kind(400, "The e-mail address is not valid"),
    "invalid_phone": Kind(400, "The phone number is not valid"),
    "scientific_id": Kind(400, "An id was shortened by a spreadsheet"),
    "customer_unidentified": Kind(400, "The customer has no identifier"),
    "discount_too_large": Kind(400, "A discount is larger than its line"),
    "duplicate_refund": Kind(400, "Two refunds of one order have the same id"),
    "refund_too_large": Kind(400, "The refunds are larger than the order"),
}


class ProblemOut(msgspec.Struct, rename={"kind": "type"}, omit_defaults=True):
    """One problem (RFC 9457). `code` never changes its meaning; `detail` says what to do and may be reworded."""

    kind: str
    title: str
    status: int
    code: str
    detail: str
    field: str = ""


class Problem(exceptions.APIException):
    """Raised anywhere below a view of the API: becomes the answer. `field` is a path like `lines[0].quantity`."""

    def __init__(self, code: str, detail: str, *, field: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.problem = as_problem(code, detail, field=field)
        self.status_code = self.problem.status
        self.headers = dict(headers or {})


def as_problem(code: str, detail: str, *, field: str = "") -> ProblemOut:
    kind = KINDS[code]
    return ProblemOut(f"/api/docs#{code}", kind.title, kind.status, code, detail, field)


def problem_response(problem: ProblemOut, headers: Mapping[str, str] | None = None) -> HttpResponse:
    response = HttpResponse(
        msgspec.json.encode(problem), content_type=CONTENT_TYPE, status=problem.status, headers=dict(headers or {})
    )
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Huitou"'
    return response


def unavailable() -> HttpResponse:
    """For a database that is away or restarting: the same request may simply be sent again."""
    problem = as_problem("unavailable", "The database cannot be reached. Send the same request again in a moment.")
    return problem_response(problem, {"Retry-After": str(RETRY_SECONDS)})


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's hook: every exception of an API view. ApiMiddleware rolls the transaction back by the status."""
    if isinstance(exc, Problem):
        return problem_response(exc.problem, exc.headers)
    if isinstance(exc, OperationalError):
        logger.warning("The database failed in a request: %s", type(exc).__name__)
        return unavailable()
    if (known := _known(exc)) is not None:
        return known
    # Only its type and place: the message of an exception may hold what was sent.
    logger.error("Unexpected %s in the API", type(exc).__name__, exc_info=_without_message(exc))
    return problem_response(
        as_problem("internal_error", "This was not your fault, and it was logged. Try again later.")
    )


def _known(exc: Exception) -> HttpResponse | None:
    match exc:
        case Http404() | exceptions.NotFound():
            return problem_response(not_found())
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return problem_response(as_problem("key_missing", "Send the header “Authorization: Bearer <your key>”."))
        case PermissionDenied() | exceptions.PermissionDenied():
            return problem_response(as_problem("scope_missing", "This key may not do this."))
        case exceptions.MethodNotAllowed():
            return problem_response(as_problem("method_not_allowed", "See /api/docs for what this address can do."))
        case exceptions.NotAcceptable():
            return problem_response(as_problem("not_acceptable", "Send “Accept: application/json”, or no Accept."))
        case exceptions.Throttled():
            wait = str(max(1, int(getattr(exc, "wait", None) or 1)))
            problem = as_problem("rate_limited", f"Wait {wait} seconds; see the RateLimit headers of each answer.")
            return problem_response(problem, {"Retry-After": wait})
        case exceptions.APIException():
            return problem_response(as_problem("bad_request", "The request cannot be read."))
    return None


def not_found() -> ProblemOut:
    """The same for what never was, what is gone, and what belongs to another shop."""
    return as_problem("not_found", "There is nothing here, or not in this shop.")


def _without_message(exc: Exception) -> tuple[type[Exception], Exception, Any]:
    return type(exc), RuntimeError("message withheld"), exc.__traceback__
