"""What base.html needs on every page."""

from typing import Any

from django.http import HttpRequest

from crm.shops.roles import Right, has_right
from crm.ui import navigation


def frame(request: HttpRequest) -> dict[str, Any]:
    """The navigation of the shop in the address, as far as this person may see it."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"nav_items": []}
    links = navigation.links(
        shop_slug=request.shop.slug,  # type: ignore[attr-defined]  # set together with membership
        path=request.path,
        has_right=lambda right: has_right(membership.role, Right(right)),
    )
    return {"nav_items": links, "shop": membership.shop, "membership": membership}
