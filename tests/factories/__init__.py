"""Builders of real rows, one module an app: `customers.order(shop, lines=[(tea, 2, 1000)])`. Each opens the scope.

Every default is a keyword: a test writes down what it is about, and no more. Beside them, FACTORIES makes one row of
every table with a shop, for tests that ask what leaks. There every text carries the shop's canary, so that a row of
another shop is found wherever it comes out.
"""

from crm.tenancy.scope import shop_scope
from tests.factories import customers, segmentation, shops

# In the order in which rows may be made: parents first. A new ShopModel needs a line in its app's module.
FACTORIES = shops.FACTORIES | customers.FACTORIES | segmentation.FACTORIES
canary = shops.canary


def make_everything(shop):
    """One row of every tenant model, by model. Opens the shop's scope itself."""
    made = {}
    with shop_scope(shop):
        for model, make in FACTORIES.items():
            made[model] = make(shop, made)
    return made
