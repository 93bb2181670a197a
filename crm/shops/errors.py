"""What a browser gets where the program fails: a page for each kind, made of nothing that could fail again."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import translation
from django.views.defaults import server_error

RETRY_SECONDS = 5


def failed(request: HttpRequest) -> HttpResponse:
    """503 where the database is away or restarting, else 500. (The API answers for itself: crm/rest/middleware.py.)

    Django calls this for whatever failed, the session and the middleware included, so it asks for none of them.
    """
    if not _is_of_database(sys.exc_info()[1]):
        return server_error(request)
    with translation.override(translation.get_language_from_request(request)):
        page = get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"})


def _is_of_database(error: BaseException | None) -> bool:
    """Whether it is, or came of, a connection that broke or could not be made."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False
