"""What base.html needs on every page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from crm.shops.queries import shops_of
from crm.shops.roles import Right, has_right
from crm.ui import navigation


def frame(request: HttpRequest) -> dict[str, Any]:
    """The navigation of the shop in the address, as far as this person may see it.

    `rights`: what their role may do, for `{% if "export" in rights %}`. `my_shops`: one query, and only where the
    switcher is shown.
    """
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"nav_items": []}
    links = navigation.links(
        shop_slug=request.shop.slug,  # type: ignore[attr-defined]  # set together with membership
        path=request.path,
        has_right=lambda right: has_right(membership.role, Right(right)),
    )
    return {
        "nav_items": links,
        "shop": membership.shop,
        "membership": membership,
        "rights": {right.value for right in Right if has_right(membership.role, right)},
        "search_url": reverse("search", args=[request.shop.slug]),  # type: ignore[attr-defined]
        "search_suggest_url": reverse("search_suggest", args=[request.shop.slug]),  # type: ignore[attr-defined]
        "jobs_url": reverse("jobs_ring", args=[request.shop.slug]),  # type: ignore[attr-defined]
        "help_url": reverse("help", args=[request.shop.slug]),  # type: ignore[attr-defined]
        "my_shops": SimpleLazyObject(lambda: list(shops_of(request.user))),  # type: ignore[arg-type]  # a member, so a User
    }
