"""In which language a customer is spoken to. Whoever writes to one, or shows them a page, asks here."""

from crm.shops.models import Shop
from customers.models import Customer


def language_of(customer: Customer, shop: Shop) -> str:
    """One of Shop.Language: that of the shop, as long as nothing is known of the customer's own."""
    return shop.language
