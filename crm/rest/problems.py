"""What the API answers when it cannot do as asked: problem+json (RFC 9457) with a stable code and what to do."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from crm.lib.postgres.meanwhile import is_gone_meanwhile
from crm.lib.registry import Registry

logger = logging.getLogger("crm.api")

CONTENT_TYPE = "application/problem+json"
GONE = "It was merged or deleted while the request waited. Nothing was changed. Send it again: a merged one redirects."
RETRY_SECONDS = 5  # what a client is told to wait while the database is away


@dataclass(frozen=True)
class ProblemKind:
    """One kind of problem: its code, which never changes its meaning, the HTTP status, and a title."""

    name: str
    status: int
    title: str


# Apps add their own in `ready()`.
PROBLEM_KINDS: Registry[ProblemKind] = Registry("problem code")
for _kind in (
    # The request as a whole
    ProblemKind("key_missing", 401, "No API key"),
    ProblemKind("key_invalid", 401, "API key not valid"),
    ProblemKind("key_in_url", 401, "API key in the address"),
    ProblemKind("key_publishable", 403, "A publishable key may not do this"),
    ProblemKind("scope_missing", 403, "The key lacks a scope"),
    ProblemKind("not_found", 404, "Not found"),
    ProblemKind("method_not_allowed", 405, "Method not allowed"),
    ProblemKind("not_acceptable", 406, "Only JSON is spoken here"),
    ProblemKind("request_timeout", 408, "The body did not arrive in time"),
    ProblemKind("idempotency_in_progress", 409, "The first request with this Idempotency-Key is still running"),
    ProblemKind("gone_meanwhile", 409, "What the request is about is not there any more"),
    ProblemKind("body_too_large", 413, "The body is too large"),
    ProblemKind("unsupported_media_type", 415, "The body is not JSON"),
    ProblemKind("idempotency_mismatch", 422, "The Idempotency-Key was used with another body"),
    ProblemKind("rate_limited", 429, "Too many requests"),
    ProblemKind("internal_error", 500, "Something went wrong on our side"),
    ProblemKind("unavailable", 503, "Not available for the moment"),
    ProblemKind("invalid_idempotency_key", 400, "The Idempotency-Key cannot be used"),
    ProblemKind("invalid_parameter", 400, "A parameter of the address cannot be used"),
    ProblemKind("unknown_parameter", 400, "A parameter of the address is not known"),
    ProblemKind("invalid_cursor", 400, "The cursor cannot be used"),
    ProblemKind("bad_request", 400, "The request cannot be read"),
    ProblemKind("invalid_json", 400, "The body is not JSON that can be read"),
    ProblemKind("json_too_deep", 400, "The body is nested too deeply"),
    ProblemKind("too_many_items", 400, "Too many items in one request"),
    # The request or one item of it
    ProblemKind("required", 400, "A field is missing"),
    ProblemKind("unknown_field", 400, "A field is not known"),
    ProblemKind("wrong_type", 400, "A field has the wrong type"),
    ProblemKind("invalid_value", 400, "A field cannot be understood"),
    ProblemKind("invalid_text", 400, "A text is not valid Unicode"),
    ProblemKind("control_character", 400, "A text holds a control character"),
    ProblemKind("too_long", 400, "A text or list is too long"),
    ProblemKind("too_short", 400, "A text or list is empty"),
    ProblemKind("out_of_range", 400, "A number is out of range"),
    ProblemKind("not_a_number", 400, "An amount is not a number"),
    ProblemKind("negative_amount", 400, "An amount is negative"),
    ProblemKind("amount_too_large", 400, "An amount is too large"),
    ProblemKind("invalid_date", 400, "A time cannot be understood"),
    ProblemKind("no_time_zone", 400, "A time says no zone"),
    ProblemKind("date_out_of_range", 400, "A time is too long ago"),
    ProblemKind("date_in_future", 400, "A time lies in the future"),
    ProblemKind("unknown_currency", 400, "The currency is not known"),
    ProblemKind("invalid_email", 400, "The e-mail address is not valid"),
    ProblemKind("invalid_phone", 400, "The phone number is not valid"),
):
    PROBLEM_KINDS.register(_kind)


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
    kind = PROBLEM_KINDS[code]
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
    if is_gone_meanwhile(exc):
        return problem_response(as_problem("gone_meanwhile", GONE))
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
