"""In which language a customer is spoken to. Whoever writes to one, or shows them a page, asks here."""

from crm.shops.models import Shop
from customers.domain.profile import nearest_language
from customers.models import Customer


def language_of(customer: Customer, shop: Shop) -> str:
    """One of Shop.Language: what is nearest to the customer's own, else that of the shop."""
    return nearest_language(customer.language, tuple(Shop.Language.values)) or shop.language
