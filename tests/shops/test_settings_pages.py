import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.timezone import now

from crm.shops import staff as people
from crm.shops.actions import BooksAreKept, change_shop
from crm.shops.audit.chain import record
from crm.shops.audit.sentences import ACTIONS, sentence
from crm.shops.exchange_rates import minor_rates
from crm.shops.keys import create_key, usable_key
from crm.shops.models import ApiKey, AuditEntry, AuditHead, Membership, Shop
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import Customer
from tests.factories.customers import make_customer, make_order

PARTS = ("shop", "staff", "keys", "security", "audit")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_to_the_owner(client, shop, owner, part):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse(f"settings:{part}", args=[shop.slug])).status_code == 200


def test_index_leads_to_the_first_part_the_role_opens(client, shop, owner, make_member):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    index = reverse("settings:index", args=[shop.slug])
    assert client.get(index).url == reverse("settings:shop", args=[shop.slug])
    client.force_login(make_member(shop, Role.AGENT), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(index).url == reverse("settings:security", args=[shop.slug])


@pytest.mark.parametrize(("part", "role"), [("shop", Role.MARKETER), ("staff", Role.AGENT), ("keys", Role.ANALYST)])
def test_parts_are_closed_to_roles_without_the_right(shop, make_member, as_person, part, role):
    browser, page = as_person(make_member(shop, role)), reverse(f"settings:{part}", args=[shop.slug])
    assert (browser.get(page).status_code, browser.post(page).status_code) == (403, 403)


def form_of(shop, **changes):
    fields = ("name", "language", "week_start", "currency", "timezone")
    shown = {name: getattr(shop, name) for name in fields}
    return shown | {"exchange_rates": ""} | changes


def test_settings_are_saved_with_the_names_of_the_fields(shop, owner, as_person):
    page = reverse("settings:shop", args=[shop.slug])
    data = form_of(shop, name="Tea", exchange_rates="EUR = 0.86\nusd: 0.75")
    assert as_person(owner).post(page, data).url == page
    shop.refresh_from_db()
    assert (shop.name, shop.exchange_rates) == ("Tea", {"EUR": "0.86", "USD": "0.75"})
    with shop_scope(shop):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == ("shop.changed", {"fields": ["exchange_rates", "name"]})
    shown = as_person(owner).get(page).context["form"].initial
    assert shown["exchange_rates"] == "EUR = 0.86\nUSD = 0.75"


def test_two_who_change_settings_at_once_keep_what_the_other_changed(shop, owner, as_person):
    page, browser = reverse("settings:shop", args=[shop.slug]), as_person(owner)
    form = browser.get(page).context["form"]
    shown = form_of(shop) | {field.html_initial_name: field.value() for field in form}
    assert 'name="initial-exchange_rates"' in browser.get(page).text
    browser.post(page, shown | {"exchange_rates": "EUR = 0.86"})
    browser.post(page, shown | {"name": "Tea"})
    shop.refresh_from_db()
    assert (shop.name, shop.exchange_rates) == ("Tea", {"EUR": "0.86"})


def test_saving_nothing_new_leaves_no_entry(shop, owner, as_person):
    as_person(owner).post(reverse("settings:shop", args=[shop.slug]), form_of(shop))
    with shop_scope(shop):
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"exchange_rates": "EUR = much"}, "exchange_rates"),
        ({"exchange_rates": "EUR = -1"}, "exchange_rates"),
        ({"exchange_rates": "GBP = 1"}, "exchange_rates"),
        ({"exchange_rates": "ABC = 1"}, "exchange_rates"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"name": ""}, "name"),
    ],
)
def test_wrong_setting_is_said_beside_its_field_and_kept(shop, owner, as_person, changes, field):
    answer = as_person(owner).post(reverse("settings:shop", args=[shop.slug]), form_of(shop, **changes))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert answer.context["form"].data[field] == changes[field]
    before = Shop.objects.get(pk=shop.pk)
    assert (before.exchange_rates, before.name) == ({}, "Tea & Sons")


def test_currency_and_zone_stay_once_there_are_orders(shop, owner, as_person):
    page, browser = reverse("settings:shop", args=[shop.slug]), as_person(owner)
    browser.post(page, form_of(shop, currency="EUR", timezone="Europe/Berlin"))
    shop.refresh_from_db()
    assert (shop.currency, shop.timezone) == ("EUR", "Europe/Berlin")
    with shop_scope(shop):
        made = {Customer: make_customer(shop, {})}
        make_order(shop, made)
    browser.post(page, form_of(shop, currency="USD", timezone="Asia/Shanghai", name="New"))
    shop.refresh_from_db()
    assert (shop.name, shop.currency, shop.timezone) == ("New", "EUR", "Europe/Berlin")
    assert "It stays: the orders you have are counted in it." in browser.get(page).content.decode()
    with shop_scope(shop), pytest.raises(BooksAreKept):
        change_shop(shop, by=owner, currency="USD")


def test_key_is_shown_once_and_works(shop, owner, as_person):
    page, browser = reverse("settings:keys", args=[shop.slug]), as_person(owner)
    data = {"name": "web shop", "kind": "sk", "scopes": ["orders:write"], "lifetime": "30"}
    answer = browser.post(page, data)
    secret = answer.context["secret"]
    assert (answer.status_code, secret in answer.content.decode()) == (201, True)
    assert "no-store" in answer["Cache-Control"]
    with shop_scope(shop):
        key = ApiKey.objects.get()
        assert usable_key(secret, now=now()) == key
    assert (key.scopes, (key.expires_at - now()).days) == (["orders:write"], 29)
    assert secret not in browser.get(page).content.decode()


def test_key_can_speak_for_another_storefront(shop, other_shop, owner, as_person):
    with shop_scope(other_shop):
        create_key(other_shop, name="theirs", by=None, source="theirs")
    page, browser = reverse("settings:keys", args=[shop.slug]), as_person(owner)
    data = {"name": "market", "kind": "sk", "scopes": ["orders:write"], "lifetime": "", "source": " Big  Market "}
    browser.post(page, data)
    browser.post(page, data | {"name": "web", "source": ""})
    with shop_scope(shop):
        assert dict(ApiKey.objects.values_list("name", "source")) == {"market": "Big Market", "web": ""}
    text = browser.get(page).content.decode()
    assert re.findall(r'<option value="([^"]*)"></option>', text) == ["Big Market"]
    for bad in ("x" * 41, "a\u200bb", "a\x00"):
        assert list(browser.post(page, data | {"source": bad}).context["form"].errors) == ["source"]


def test_publishable_key_opens_nothing_and_a_secret_one_something(shop, owner, as_person):
    page, browser = reverse("settings:keys", args=[shop.slug]), as_person(owner)
    browser.post(page, {"name": "page", "kind": "pk", "scopes": ["customers:read"], "lifetime": ""})
    answer = browser.post(page, {"name": "server", "kind": "sk", "lifetime": ""})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["scopes"])
    with shop_scope(shop):
        assert [(key.name, key.kind, key.scopes) for key in ApiKey.objects.all()] == [("page", "pk", [])]


def test_rotated_key_works_on_beside_the_new_one(shop, owner, as_person):
    with shop_scope(shop):
        old, secret = create_key(shop, name="web", by=owner, scopes=["orders:read"])
    answer = as_person(owner).post(reverse("settings:key-rotate", args=[shop.slug, old.pk]))
    with shop_scope(shop):
        assert usable_key(secret, now=now()) == old
        assert usable_key(answer.context["secret"], now=now()).scopes == ["orders:read"]
        assert usable_key(secret, now=now() + timedelta(hours=25)) is None


def test_revoked_key_opens_nothing(shop, owner, as_person):
    with shop_scope(shop):
        key, secret = create_key(shop, name="web", by=owner)
    browser = as_person(owner)
    browser.post(reverse("settings:key-revoke", args=[shop.slug, key.pk]))
    with shop_scope(shop):
        assert usable_key(secret, now=now()) is None
    assert browser.post(reverse("settings:key-rotate", args=[shop.slug, key.pk])).status_code == 302
    with shop_scope(shop):
        assert ApiKey.objects.count() == 1


def test_key_of_another_shop_is_not_reached(shop, other_shop, owner, as_person):
    with shop_scope(other_shop):
        key, secret = create_key(other_shop, name="theirs", by=None)
    for part in ("key-rotate", "key-revoke"):
        assert as_person(owner).post(reverse(f"settings:{part}", args=[shop.slug, key.pk])).status_code == 404
    with shop_scope(other_shop):
        assert usable_key(secret, now=now()) is not None


def test_audit_log_speaks_and_names_people(shop, owner, make_member, as_person):
    agent = make_member(shop, Role.AGENT)
    with shop_scope(shop):
        people.change_role(Membership.objects.get(user=agent), role=Role.MARKETER, by=owner)
        create_key(shop, name="web", by=None)
        record("made.up", None, by=agent)
    page = as_person(owner).get(reverse("settings:audit", args=[shop.slug]))
    assert [(line.seq, line.who, line.what.partition(" no.")[0]) for line in page.context["page"].lines] == [
        (3, "Agent", "made.up"),
        (2, "Huitou", "created the API key"),
        (1, "Owner", "made Agent Marketer instead of Agent"),
    ]
    assert page.context["proof"] == "The chain is whole up to entry 3."


def test_audit_log_pages_both_ways(shop, owner, as_person, monkeypatch):
    monkeypatch.setattr("crm.shops.audit.log.PAGE", 2)
    with shop_scope(shop):
        for _n in range(5):
            record("scoring.requested", None, by=owner)
    browser, url = as_person(owner), reverse("settings:audit", args=[shop.slug])

    def seen(cursor):
        page = browser.get(url, {"cursor": cursor} if cursor else {}).context["page"]
        return [line.seq for line in page.lines], page.previous, page.next

    first, _, second_page = seen("")
    second, back, third_page = seen(second_page)
    assert (first, second) == ([5, 4], [3, 2])
    assert seen(third_page)[0::2] == ([1], None)
    assert seen(back)[:2] == ([5, 4], None)
    assert browser.get(url, {"cursor": "x"}).headers["Location"] == url


def test_audit_log_is_filtered_by_what_who_and_the_shops_days(shop, owner, make_member, as_person):
    agent = make_member(shop, Role.AGENT)
    Shop.objects.filter(pk=shop.pk).update(timezone="Asia/Shanghai")
    with shop_scope(shop):
        record("scoring.requested", None, by=owner, at=datetime(2026, 11, 20, 17, tzinfo=UTC))  # the 21st there
        record("shop.changed", None, by=owner, details={"fields": ["name"]}, at=datetime(2026, 11, 21, 15, tzinfo=UTC))
        record("scoring.requested", None, by=agent, at=datetime(2026, 11, 21, 16, tzinfo=UTC))  # the 22nd
    browser, url = as_person(owner), reverse("settings:audit", args=[shop.slug])

    def seen(**query):
        return [line.seq for line in browser.get(url, query).context["page"].lines]

    assert seen(action="scoring.requested") == [3, 1]
    assert seen(person=agent.pk) == [3]
    assert seen(since="2026-11-21", until="2026-11-21") == [2, 1]
    assert seen(action="scoring.requested", person=owner.pk) == [1]
    assert seen(since="nonsense", person="x") == [3, 2, 1]
    assert seen(since="0001-01-01", until="9999-12-31") == [3, 2, 1]


def test_changed_settings_are_named_in_words(shop, owner, as_person):
    with shop_scope(shop):
        record("shop.changed", None, by=owner, details={"fields": ["rfm_bounds", "week_start", "gone_since"]})
    page = as_person(owner).get(reverse("settings:audit", args=[shop.slug])).context["page"]
    assert page.lines[0].what == "changed the shop's settings: RFM bounds, week starts on, gone_since"


def test_broken_chain_is_said(shop, owner, as_person):
    with shop_scope(shop):
        record("scoring.requested", None, by=owner)
        AuditHead.objects.update(hash="0" * 64)
    page = as_person(owner).get(reverse("settings:audit", args=[shop.slug]))
    assert page.context["proof"].startswith("The chain is broken at entry 2 (truncated).")


def test_long_chain_is_walked_only_when_asked(shop, owner, as_person, monkeypatch):
    monkeypatch.setattr("crm.shops.views.audit.WALKED_AT_ONCE", 1)
    with shop_scope(shop):
        for _n in range(2):
            record("scoring.requested", None, by=owner)
    browser, url = as_person(owner), reverse("settings:audit", args=[shop.slug])
    assert "proof" not in browser.get(url).context
    assert browser.get(url, {"verify": "1"}).context["proof"] == "The chain is whole up to entry 2."


def test_counts_in_the_log_are_written_as_elsewhere():
    entry = AuditEntry(action="import.finished", object_id=1, details={"orders_created": 23272, "rejected": 0})
    assert sentence(entry, {}) == "finished import no. 1; new orders: 23,272, rows left out: 0"


def test_every_action_code_has_a_sentence():
    """Codes written in place; `import.…_requested` is put together in customers/imports/actions.py."""
    root = Path(settings.BASE_DIR)
    code = re.compile(r"""\brecord\(\s*["']([a-z_]+\.[a-z_]+)["']""")
    files = [
        path
        for app in ("crm", "customers", "segmentation", "campaigns", "support")
        for path in (root / app).rglob("*.py")
    ]
    codes = {found for path in files for found in code.findall(path.read_text(encoding="utf-8"))}
    assert len(codes) > 15
    assert sorted(code for code in codes if code not in ACTIONS) == []


@pytest.mark.parametrize("rate", ["1e-999999", "1e-400", "0.0000000001", "1e10", "0." + "3" * 30])
def test_a_rate_that_cannot_be_reckoned_with_is_refused_and_an_old_one_ignored(shop, owner, as_person, rate):
    page = reverse("settings:shop", args=[shop.slug])
    answer = as_person(owner).post(page, form_of(shop, exchange_rates=f"EUR = {rate}"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["exchange_rates"])
    shop.exchange_rates = {"EUR": rate, "USD": "0.75"}
    assert minor_rates(shop) == {"GBP": 1, "USD": Decimal("0.75")}
