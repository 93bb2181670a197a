"""The door of the API: a request with a key gets the scope of the key's shop."""

import time

from django.conf import settings
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm.rest import idempotency
from crm.rest.problems import Problem, problem_response, unavailable
from crm.rest.rate_limit import take
from crm.shops.keys import slug_of_key, usable_key
from crm.shops.middleware import GetResponse, answer_in_scope
from crm.shops.models import ApiKey, Shop
from crm.shops.queries import shop_called
from crm.tenancy.scope import shop_scope


class ApiMiddleware:
    """Opens the shop's scope around /api/v1/…: the key's text carries the slug, so its hash is looked up inside."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/v1/"):
            return self.get_response(request)
        # Read by crm.rest.auth: KeyAuthentication and KeyThrottle.
        request.shop = request.api_key = request.rate = None  # type: ignore[attr-defined]  # ours
        try:
            response = self._keyed(request)
        except Problem as problem:
            response = problem_response(problem.problem, problem.headers)
        except OperationalError:
            response = unavailable()
        for name, value in request.rate.headers().items() if request.rate else ():  # type: ignore[attr-defined]  # ours
            response[name] = value
        return response

    def _keyed(self, request: HttpRequest) -> HttpResponse:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        slug = slug_of_key(key.strip()) if scheme.lower() == "bearer" else ""
        shop = shop_called(slug)
        if shop is None:
            return self.get_response(request)
        with shop_scope(shop):
            api_key = usable_key(key.strip(), now=timezone.now())
            if api_key is None or not self._admit(request, shop, api_key) or not idempotency.wanted(request):
                return answer_in_scope(self.get_response, request)
            # Commits here: a repetition of this request must see that it has begun.
            begun = idempotency.begin(request, api_key)
        return begun if isinstance(begun, HttpResponse) else self._answer_once(request, shop, begun)

    def _admit(self, request: HttpRequest, shop: Shop, api_key: ApiKey) -> bool:
        """Tell the view whose key it is; False where it has used up its requests."""
        api_key.shop = shop
        rate = take(api_key, at=time.time(), limit=settings.API_REQUESTS_PER_MINUTE)
        request.shop, request.api_key, request.rate = shop, api_key, rate  # type: ignore[attr-defined]  # ours
        return rate is None or rate.is_allowed

    def _answer_once(self, request: HttpRequest, shop: Shop, claim: idempotency.Claim) -> HttpResponse:
        with shop_scope(shop):
            idempotency.hold(claim)
            response = self.get_response(request)
            if response.status_code < 300:
                idempotency.keep(claim, response)
                return response
            transaction.set_rollback(True, using="default")
        with shop_scope(shop):
            idempotency.give_free(claim)
        return response
