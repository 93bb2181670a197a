"""The exports of storefronts and marketplaces: one module a platform, its facts in a table to read like documentation.

A new one: a module with a Platform, a line in ORDER_PLATFORMS, a file of it in tests/data/cases and a row in the table
of tests/customers/sources/test_platforms.py, whose other tests then try it too.
"""

from .amazon import AMAZON
from .base import Platform
from .customer_lists import (
    BREVO,
    KLAVIYO,
    LISTMONK,
    MAILCHIMP,
    MAILCHIMP_CLEANED,
    MAILCHIMP_UNSUBSCRIBED,
    OMNISEND,
    SHOPIFY_CUSTOMERS,
    WOOCOMMERCE_ANALYTICS_CUSTOMERS,
    WOOCOMMERCE_CUSTOMERS,
)
from .ebay import EBAY
from .etsy import ETSY, ETSY_ITEMS
from .jd import JD
from .paypal import PAYPAL
from .product_lists import SHOPIFY_PRODUCTS, WOOCOMMERCE_PRODUCTS
from .shopify import SHOPIFY
from .squarespace import SQUARESPACE
from .taobao import TAOBAO, TAOBAO_ITEMS
from .woocommerce import ADVANCED_ORDER_EXPORT, ANALYTICS, WOOCOMMERCE
from .youzan import YOUZAN, YOUZAN_ITEMS

ORDER_PLATFORMS: tuple[Platform, ...] = (
    SHOPIFY,
    SQUARESPACE,
    WOOCOMMERCE,
    ADVANCED_ORDER_EXPORT,
    ANALYTICS,
    YOUZAN,
    YOUZAN_ITEMS,
    TAOBAO,
    TAOBAO_ITEMS,
    JD,
    AMAZON,
    ETSY,
    ETSY_ITEMS,
    EBAY,
    PAYPAL,
)
# Lists of customers, of addresses and of products; tried in tests/customers/sources/test_lists.py.
LIST_PLATFORMS: tuple[Platform, ...] = (
    SHOPIFY_CUSTOMERS,
    KLAVIYO,
    MAILCHIMP_UNSUBSCRIBED,
    MAILCHIMP_CLEANED,
    MAILCHIMP,
    BREVO,
    LISTMONK,
    OMNISEND,
    WOOCOMMERCE_ANALYTICS_CUSTOMERS,
    WOOCOMMERCE_CUSTOMERS,
    SHOPIFY_PRODUCTS,
    WOOCOMMERCE_PRODUCTS,
)
# Orders first: a list of orders that names its customers well is still one of orders.
PLATFORMS: tuple[Platform, ...] = ORDER_PLATFORMS + LIST_PLATFORMS

__all__ = ["LIST_PLATFORMS", "ORDER_PLATFORMS", "PLATFORMS", "Platform"]
