"""In which time zone a customer lives."""

from zoneinfo import ZoneInfo

from crm.shops.models import Shop
from customers.domain.profile import zone_of_country
from customers.models import Customer


def time_zone_of(customer: Customer, shop: Shop) -> ZoneInfo:
    """Their own; else that of their country, where it has one or a usual one; else the shop's."""
    return ZoneInfo(customer.time_zone or zone_of_country(customer.country) or shop.timezone)
