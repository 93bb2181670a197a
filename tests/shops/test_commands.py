"""create_shop, create_api_key, verify_audit: what people type."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from crm.shops.models import ApiKey, AuditEntry, Membership, Shop, User
from crm.shops.roles import ApiScope
from crm.tenancy.scope import shop_scope


def run(command, *arguments, **options):
    out = StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue().splitlines()


def create(slug="tea", owner="Ana@Example.com", **changes):
    options = {"name": "Tea", "currency": "GBP", "timezone": "Europe/London", "language": "en"} | changes
    return run("create_shop", slug, owner=owner, **options)


def test_create_shop_makes_the_owner_who_can_log_in(db):
    lines = create()
    user = User.objects.get()
    password = lines[-1].rpartition(": ")[2]
    assert user.email == "ana@example.com"
    assert Client().login(email=user.email, password=password)
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == ("ana@example.com", True, True)
    shop = Shop.objects.get()
    assert (shop.slug, shop.name, shop.currency, shop.timezone) == ("tea", "Tea", "GBP", "Europe/London")
    with shop_scope(shop):
        assert Membership.objects.get().role == "owner"
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.object_id, entry.details) == ("shop.created", shop.pk, {"owner_id": user.pk})


def test_create_shop_for_a_known_owner_prints_no_password(db):
    create()
    lines = create("coffee", owner="ana@example.com")
    assert lines == ["Created the shop coffee, owner ana@example.com."]
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"slug": "Tea!"}, "slug"),
        ({"slug": "api"}, "slug"),
        ({"slug": "x" * 41}, "slug"),
        ({"name": ""}, "name"),
        ({"currency": "QQQ"}, "currency"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"owner": "ana"}, "e-mail|email"),
    ],
)
def test_create_shop_with_a_wrong_value_makes_nothing(db, changes, word):
    with pytest.raises(CommandError, match=f"(?i){word}"):
        create(**changes)
    assert not Shop.objects.exists()
    assert not User.objects.exists()


def test_a_slug_is_taken_once(db):
    create()
    with pytest.raises(CommandError, match="slug"):
        create(owner="bo@example.com")
    assert [user.email for user in User.objects.all()] == ["ana@example.com"]


def test_create_api_key_prints_the_key_alone_on_the_last_line(shop):
    key = run("create_api_key", "tea", name="Storefront")[-1]
    assert key.startswith("sk_tea_")
    assert Client().get("/api/v1/customers", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 200
    with shop_scope(shop):
        assert ApiKey.objects.get().scopes == sorted(ApiScope.values)


def test_create_api_key_with_scopes_and_for_browsers(shop):
    run("create_api_key", "tea", name="Orders", scopes="orders:read, orders:write")
    assert run("create_api_key", "tea", name="Browser", publishable=True)[-1].startswith("pk_tea_")
    with shop_scope(shop):
        scopes = dict(ApiKey.objects.values_list("name", "scopes"))
        assert scopes == {"Orders": ["orders:read", "orders:write"], "Browser": []}
        assert [entry.action for entry in AuditEntry.objects.order_by("seq")] == ["api_key.created"] * 2


def test_a_key_that_anybody_can_read_gets_no_scopes(shop):
    run("create_api_key", "tea", name="Browser", publishable=True, scopes="orders:write", stderr=StringIO())
    with shop_scope(shop):
        assert ApiKey.objects.get().scopes == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_create_api_key_wants_a_name_that_can_be_kept(shop, name):
    with pytest.raises(CommandError, match=r"^name: "):
        run("create_api_key", "tea", name=name)
    with shop_scope(shop):
        assert not ApiKey.objects.exists()


def test_create_api_key_for_what_is_not_there(shop):
    with pytest.raises(CommandError, match="no shop “coffee”"):
        run("create_api_key", "coffee", name="x")
    with pytest.raises(CommandError, match=r"Unknown scopes: all\. Known: customers:read"):
        run("create_api_key", "tea", name="x", scopes="all")
