"""What money of other currencies is worth in the shop's own."""

from decimal import Decimal, InvalidOperation

from crm.lib.money import exponent
from crm.shops.models import Shop

LOWEST, HIGHEST = Decimal("1e-9"), Decimal("1e9")
_MOST_DIGITS = 20


def is_usable(rate: Decimal) -> bool:
    """Whether a rate can be reckoned with: no two currencies are farther apart, and the database takes the product."""
    return rate.is_finite() and LOWEST <= rate <= HIGHEST and len(rate.as_tuple().digits) <= _MOST_DIGITS


def minor_rate(shop: Shop, currency: str, rate: Decimal) -> Decimal:
    """The factor from minor units of `currency` to minor units of the shop's, for `rate` shop units of money a unit."""
    return rate.scaleb(exponent(shop.currency) - exponent(currency))


def minor_rates(shop: Shop) -> dict[str, Decimal]:
    """Such factors for every currency the shop knows a rate of; its own is 1. Unusable rates are left out."""
    rates = {shop.currency: Decimal(1)}
    for currency, text in shop.exchange_rates.items():
        try:
            if is_usable(rate := Decimal(str(text))):
                rates[currency] = minor_rate(shop, currency, rate)
        except (InvalidOperation, ValueError, KeyError):
            continue
    return rates
