"""Who may come in by the API, with which key, and how often. Settings name the three classes.

ApiMiddleware has looked the key up already, because the shop's scope had to be open for it.
(No views here: rest_framework.views reads the settings, which import this module.)
"""

import re

from django.contrib.auth.models import AnonymousUser
from django.views import View
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from crm.rest.problems import Problem
from crm.rest.rate_limit import Rate
from crm.shops.models import ApiKey

_KEY = re.compile(r"(?:sk|pk)_[a-z0-9-]{1,40}_[\w-]{16,}")


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_<slug>_…`"""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey]:
        if _KEY.search(request.META.get("QUERY_STRING", "")):
            raise Problem(
                "key_in_url",
                "Addresses are logged on their way, so take this key as leaked: revoke it, make a new one, and send"
                " that in the header “Authorization: Bearer <your key>”.",
            )
        if not request.META.get("HTTP_AUTHORIZATION"):
            raise Problem("key_missing", "Send the header “Authorization: Bearer <your key>”.")
        api_key: ApiKey | None = getattr(request, "api_key", None)
        if api_key is None:
            raise Problem(
                "key_invalid",
                "The key is unknown, expired or revoked. Keys are made in the shop's settings; send one in the header"
                " “Authorization: Bearer <your key>”.",
            )
        return AnonymousUser(), api_key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Huitou"'


class HasScope(BasePermission):
    """A secret key with the scope that the view names for the method. A view that names none is shut."""

    def has_permission(self, request: Request, view: View) -> bool:
        api_key = request.auth
        if not isinstance(api_key, ApiKey):
            return False
        if api_key.kind != ApiKey.Kind.SECRET:
            raise Problem(
                "key_publishable", "Publishable keys are for browsers and open nothing here: use a secret key."
            )
        scopes: dict[str, str] = getattr(view, "scopes", {})
        scope = scopes.get("read" if request.method in ("GET", "HEAD", "OPTIONS") else "write")
        if scope is None:
            return False
        if scope not in api_key.scopes:
            raise Problem("scope_missing", f"The key needs the scope “{scope}”. Make one that has it.")
        return True


class KeyThrottle(BaseThrottle):
    """ApiMiddleware has counted the request (crm/rest/rate_limit.py); here it is refused."""

    rate: Rate | None = None

    def allow_request(self, request: Request, view: View) -> bool:
        self.rate = getattr(request, "rate", None)
        return self.rate is None or self.rate.is_allowed

    def wait(self) -> float | None:
        return self.rate.reset if self.rate else None
