"""What the quick search finds of pages: the main navigation and what is below it."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Finder, Hit, Hits, Reading
from crm.shops.models import Membership
from crm.shops.roles import Right, has_right
from crm.ui import navigation


def _pages(reading: Reading, text: str, most: int) -> Hits:
    return Hits([page for page in all_pages(reading.membership) if text.casefold() in page.label.casefold()][:most])


def all_pages(membership: Membership) -> list[Hit]:
    """The main navigation and the tabs below it, as far as this person may see them."""
    links = navigation.links(
        shop_slug=membership.shop.slug, path="", has_right=lambda right: has_right(membership.role, Right(right))
    )
    below = [
        (gettext("Cohorts"), "insights:cohorts", Right.SEE_INSIGHTS),
        (gettext("Forecast"), "insights:forecast", Right.SEE_INSIGHTS),
        (gettext("Imports"), "imports:list", Right.IMPORT),
        (gettext("Exports"), "customers:exports", Right.EXPORT),
    ]
    return [
        *(Hit(str(link["label"]), "", link["url"], link["icon"]) for link in links),
        *(
            Hit(label, "", reverse(name, args=[membership.shop.slug]), "file")
            for label, name, right in below
            if membership.may(right)
        ),
        Hit(gettext("Help"), "", reverse("help", args=[membership.shop.slug]), "help-circle"),
    ]


FINDERS = [Finder("pages", 90, _("Pages"), None, _pages)]
