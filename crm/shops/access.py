"""What a page asks of the person who opens it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from crm.shops.middleware import ShopRequest
from crm.shops.roles import Right

_P = ParamSpec("_P")
_Page = Callable[Concatenate[ShopRequest, _P], HttpResponseBase]


def requires(right: Right) -> Callable[[_Page[_P]], _Page[_P]]:
    """Opens a page to members whose role has the right; others get the page that says whom to ask (403)."""

    def decorate(page: _Page[_P]) -> _Page[_P]:
        @wraps(page)
        def guarded(request: ShopRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
            if not request.membership.may(right):
                raise PermissionDenied
            return page(request, *args, **kwargs)

        return guarded

    return decorate
