"""The exports of storefronts and marketplaces: one module a platform, its facts in a table to read like documentation.

A new one: a module with a Platform, a line in PLATFORMS, a file of it in tests/data/cases and a row in the table of
tests/customers/sources/test_platforms.py, whose other tests then try it too.
"""

from .amazon import AMAZON
from .base import Platform
from .ebay import EBAY
from .etsy import ETSY, ETSY_ITEMS
from .jd import JD
from .shopify import SHOPIFY
from .taobao import TAOBAO, TAOBAO_ITEMS
from .woocommerce import ADVANCED_ORDER_EXPORT, ANALYTICS, WOOCOMMERCE
from .youzan import YOUZAN, YOUZAN_ITEMS

PLATFORMS: tuple[Platform, ...] = (
    SHOPIFY,
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
)

__all__ = ["PLATFORMS", "Platform"]
