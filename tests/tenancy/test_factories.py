"""The sweep sees only what the factories make, so every table with a shop has one, and its texts can be recognised."""

from django.apps import apps

from crm.tenancy.scope import ShopModel, shop_scope
from tests.factories import FACTORIES, canary, make_everything

# Tables whose every text is a choice, a hash or nothing at all.
WITHOUT_FREE_TEXT = {
    "shops.AuditHead",
    "shops.Membership",  # the canary is in its user's name and address
    "customers.OrderLine",
    "customers.RefundLine",
    "customers.SalesDay",
    "customers.CustomerTag",
    "customers.DuplicatePair",
    "customers.DuplicateSearch",
    "customers.Merge",
    "customers.ProfileChange",
    "customers.Consent",
    "customers.ContactPreference",
    "customers.Suppression",
    "segmentation.RFMMonth",
    "segmentation.ScoreColumns",
    "segmentation.Settings",
}


def tenant_models():
    return {model for model in apps.get_models() if issubclass(model, ShopModel)}


def test_every_tenant_model_has_a_factory():
    missing = sorted(model._meta.label for model in tenant_models() - set(FACTORIES))
    assert missing == [], f"Add a function to tests/factories/<app>.py and to its FACTORIES for: {missing}"
    assert sorted(model._meta.label for model in set(FACTORIES) - tenant_models()) == []


def test_every_row_with_free_text_carries_the_canary(shop):
    made = make_everything(shop)
    with shop_scope(shop):
        rows = {model._meta.label: model.objects.filter(pk=made[model].pk).values().get() for model in made}
    silent = {label for label, row in rows.items() if canary(shop) not in repr(row)}
    assert silent == WITHOUT_FREE_TEXT


def test_everything_can_be_made_for_two_shops(shop, other_shop):
    first, second = make_everything(shop), make_everything(other_shop)
    assert {row.shop_id for row in first.values()} == {shop.pk}
    assert {row.shop_id for row in second.values()} == {other_shop.pk}
    assert first.keys() == second.keys()
