"""What the quick search finds of pages: the main navigation and what is below it."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Finder, Hit, Hits, Reading
from crm.shops.models import Membership
from crm.ui import navigation


def _pages(reading: Reading, text: str, most: int) -> Hits:
    return Hits([page for page in all_pages(reading.membership) if text.casefold() in page.label.casefold()][:most])


def all_pages(membership: Membership) -> list[Hit]:
    """The main navigation and the sub-pages below it, as far as this person may see them; none twice."""
    shop_slug = membership.shop.slug
    links = navigation.links(shop_slug=shop_slug, path="", has_right=membership.may)
    below = [
        Hit(str(tab.label), str(link.label), tab.url, "file")
        for link in links
        for tab in navigation.tabs(link.name, shop_slug=shop_slug, here="", has_right=membership.may)
        if (tab.label, tab.url) != (link.label, link.url)
    ]
    return [
        *(Hit(str(link.label), "", link.url, link.icon) for link in links),
        *below,
        Hit(gettext("Help"), "", reverse("help", args=[shop_slug]), "help-circle"),
    ]


FINDERS = [Finder("pages", 90, _("Pages"), None, _pages)]
