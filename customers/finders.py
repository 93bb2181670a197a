"""What the quick search finds of orders and customers."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Finder, Hit, Hits, Reading
from crm.shops.roles import Right
from crm.ui import formats
from customers.queries import contacts_of, in_order, name_the_nameless, orders_numbered, searched


def _orders(reading: Reading, text: str, most: int) -> Hits:
    """The order of exactly this number: shop's order numbers are read from a letter, not half remembered."""
    orders = orders_numbered(text.removeprefix("#"))[:most]
    name_the_nameless(order.customer for order in orders)
    hits = [
        Hit(
            gettext("Order %(number)s") % {"number": order.external_id},
            f"{order.customer or gettext('Without a customer')} · {formats.day(order.placed_at)}",
            reverse("customers:order", args=[reading.shop.slug, order.pk]),
            "shopping-bag",
        )
        for order in orders
    ]
    return Hits(hits)


def _customers(reading: Reading, text: str, most: int) -> Hits:
    slug, ids = reading.shop.slug, searched(text).ids
    contacts, customers = contacts_of(ids[:most]), in_order(ids[:most])
    for customer in customers:
        customer.stand_in = contacts[customer.pk].stand_in
    hits = [
        Hit(
            str(customer),
            contacts[customer.pk].masked().first,
            reverse("customers:detail", args=[slug, customer.pk]),
            "user",
        )
        for customer in customers
    ]
    return Hits(hits, reverse("customers:list", args=[slug]) if len(ids) > most else "")


FINDERS = [
    Finder("orders", 10, _("Orders"), Right.SEE_CUSTOMERS, _orders),
    Finder("customers", 20, _("Customers"), Right.SEE_CUSTOMERS, _customers),
]
