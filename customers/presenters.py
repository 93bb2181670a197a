"""Words, amounts and addresses that several pages of customers and orders share."""

from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from crm.lib.money import format_money
from crm.shops.models import Shop
from crm.ui import formats


def money(minor: int | None, shop: Shop, **how: bool) -> str:
    """An amount in the shop's currency and the reader's language, "–" for None; `how` as format_money takes it."""
    return "–" if minor is None else format_money(minor, shop.currency, formats.language(), **how)


def orders_url(shop: Shop, first: date, last: date, **query: str) -> str:
    """The orders behind a number of sales."""
    days = {"placed_from": first.isoformat(), "placed_to": last.isoformat()}
    return f"{reverse('orders', args=[shop.slug])}?{urlencode(days | query)}"


def orders_text(count: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", count) % {"count": formats.number(count)}


def strong_money(minor: int, shop: Shop) -> SafeString:
    """In whole units, for a sentence that opens a page."""
    return format_html("<strong>{}</strong>", money(minor, shop, whole=True))
