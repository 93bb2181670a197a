"""What pages of customers share about merges."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect

from crm.shops.middleware import ShopRequest
from customers.queries import survivor_id


def follows_merges(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The address of a merged customer leads to the survivor's for ever, to read; a form sent there is not found."""

    @wraps(view)
    def followed(request: ShopRequest, shop_slug: str, customer_id: int, **more: Any) -> HttpResponse:
        try:
            return view(request, shop_slug, customer_id, **more)
        except Http404:
            survivor = survivor_id(customer_id) if request.method in ("GET", "HEAD") else None
            if survivor is None:
                raise
        old, new = (f"/customers/{pk}/" for pk in (customer_id, survivor))
        return HttpResponsePermanentRedirect(request.get_full_path().replace(old, new, 1))

    return followed
