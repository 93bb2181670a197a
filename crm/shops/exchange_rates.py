"""What money of other currencies is worth in the shop's own."""

from decimal import Decimal, InvalidOperation

from crm.lib.money import exponent
from crm.shops.models import Shop


def minor_rate(shop: Shop, currency: str, rate: Decimal) -> Decimal:
    """The factor from minor units of `currency` to minor units of the shop's, for `rate` shop units of money a unit."""
    return rate.scaleb(exponent(shop.currency) - exponent(currency))


def minor_rates(shop: Shop) -> dict[str, Decimal]:
    """Such factors for every currency the shop knows a rate of; its own is 1. Unreadable rates are left out."""
    rates = {shop.currency: Decimal(1)}
    for currency, text in shop.exchange_rates.items():
        try:
            rates[currency] = minor_rate(shop, currency, Decimal(str(text)))
        except (InvalidOperation, ValueError, KeyError):
            continue
    return rates
