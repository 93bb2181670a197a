"""The quick search of the top bar: customers, orders by their number, and pages by their name."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.shops.models import Membership, Shop
from crm.shops.roles import Right, has_right
from crm.ui import formats, navigation
from customers.queries import contacts_of, in_order, name_the_nameless, orders_numbered, searched

LONGEST = 200


@dataclass(frozen=True)
class Hit:
    """One thing found. note: masked contact, day, or what else tells it from its like."""

    label: str
    note: str
    url: str
    icon: str


@dataclass(frozen=True)
class Found:
    """has_more: there are more customers than shown; all_url lists them."""

    pages: list[Hit]
    orders: list[Hit]
    customers: list[Hit]
    has_more: bool
    all_url: str

    @property
    def is_empty(self) -> bool:
        return not (self.pages or self.orders or self.customers)


def quick_search(text: str, membership: Membership, *, most: int) -> Found:
    # PostgreSQL keeps no NUL, so nothing that is found has one.
    text, shop = text.replace("\0", "").strip()[:LONGEST], membership.shop
    all_url = reverse("customers:list", args=[shop.slug])
    if not text:
        return Found([], [], [], has_more=False, all_url=all_url)
    pages = [page for page in all_pages(membership) if text.casefold() in page.label.casefold()]
    if not membership.may(Right.SEE_CUSTOMERS):
        return Found(pages, [], [], has_more=False, all_url=all_url)
    ids = searched(text).ids
    return Found(pages, _orders(text, shop), _customers(ids[:most], shop), len(ids) > most, all_url)


def all_pages(membership: Membership) -> list[Hit]:
    """The main navigation and the tabs below it, as far as this person may see them."""
    links = navigation.links(
        shop_slug=membership.shop.slug, path="", has_right=lambda right: has_right(membership.role, Right(right))
    )
    below = [
        (_("Cohorts"), "insights:cohorts", Right.SEE_INSIGHTS),
        (_("Forecast"), "insights:forecast", Right.SEE_INSIGHTS),
        (_("Imports"), "imports:list", Right.IMPORT),
        (_("Exports"), "customers:exports", Right.EXPORT),
    ]
    return [
        *(Hit(str(link["label"]), "", link["url"], link["icon"]) for link in links),
        *(
            Hit(label, "", reverse(name, args=[membership.shop.slug]), "file")
            for label, name, right in below
            if membership.may(right)
        ),
        Hit(_("Help"), "", reverse("help", args=[membership.shop.slug]), "help-circle"),
    ]


def _orders(text: str, shop: Shop) -> list[Hit]:
    """The order of exactly this number: shop's order numbers are read from a letter, not half remembered."""
    found = orders_numbered(text.removeprefix("#"))
    name_the_nameless(order.customer for order in found)
    return [
        Hit(
            _("Order %(number)s") % {"number": order.external_id},
            f"{order.customer or _('Without a customer')} · {formats.day(order.placed_at)}",
            reverse("customers:order", args=[shop.slug, order.pk]),
            "shopping-bag",
        )
        for order in found
    ]


def _customers(ids: list[int], shop: Shop) -> list[Hit]:
    contacts, found = contacts_of(ids), in_order(ids)
    for customer in found:
        customer.stand_in = contacts[customer.pk].stand_in
    return [
        Hit(
            str(customer),
            contacts[customer.pk].masked().first,
            reverse("customers:detail", args=[shop.slug, customer.pk]),
            "user",
        )
        for customer in found
    ]
