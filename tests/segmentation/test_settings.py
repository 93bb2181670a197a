"""What a shop sets of its own about scoring: its page, two people at once, and how older bounds came here."""

import threading

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from crm.shops.audit.chain import record
from crm.shops.models import AuditEntry, Shop
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from segmentation.actions import change_bounds
from segmentation.models import Settings

DAYS = [30.0, 60.0, 120.0, 365.0]
committing = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def page(shop):
    return reverse("scoring:settings", args=[shop.slug])


def bounds_of(shop):
    """None where there is no row."""
    with shop_scope(shop):
        return Settings.objects.values_list("rfm_bounds", flat=True).first()


def test_bounds_are_saved_and_shown_as_they_were_typed(shop, other_shop, owner, as_person, page):
    browser = as_person(owner)
    assert browser.post(page, {"recency": "30 60; 120 365", "frequency": "", "monetary": "1 2 3.5 9"}).url == page
    assert bounds_of(shop) == {"recency": DAYS, "monetary": [100, 200, 350, 900]}
    assert bounds_of(other_shop) is None
    shown = browser.get(page).context["form"].initial
    assert shown == {"recency": "30 60 120 365", "frequency": "", "monetary": "1 2 3.5 9"}


def test_money_is_typed_in_the_shops_currency(make_shop, make_member, as_person):
    shop = make_shop("sushi", currency="JPY")
    page = reverse("scoring:settings", args=[shop.slug])
    browser = as_person(make_member(shop))
    browser.post(page, {"monetary": "1000 2000 5000 10000"})
    assert bounds_of(shop) == {"monetary": [1000, 2000, 5000, 10000]}
    assert "In JPY, less refunds, such as" in browser.get(page).text


def test_emptied_bounds_go_back_to_fifths(shop, owner, as_person, page):
    browser = as_person(owner)
    browser.post(page, {"recency": "30 60 120 365"})
    browser.post(page, {"recency": "", "initial-recency": "30 60 120 365"})
    assert bounds_of(shop) == {}


def test_two_who_change_bounds_at_once_keep_what_the_other_changed(shop, owner, as_person, page):
    browser = as_person(owner)
    form = browser.get(page).context["form"]
    shown = {field.html_initial_name: field.value() for field in form} | {field.name: field.value() for field in form}
    assert 'name="initial-recency"' in browser.get(page).text
    browser.post(page, shown | {"recency": "30 60 120 365"})
    browser.post(page, shown | {"frequency": "1 2 4 8"})
    assert bounds_of(shop) == {"recency": DAYS, "frequency": [1, 2, 4, 8]}


@committing
def test_two_first_changes_in_the_same_moment_are_both_kept(make_shop):
    shop = make_shop("tea")
    inside, may_commit = threading.Event(), threading.Event()

    def change(**changes):
        try:
            with shop_scope(shop):
                change_bounds(shop, changes, by=None)
                inside.set()
                assert may_commit.wait(10)
        finally:
            connections.close_all()

    first = threading.Thread(target=change, kwargs={"recency": DAYS})
    first.start()
    assert inside.wait(10)
    second = threading.Thread(target=change, kwargs={"frequency": [1, 2, 4, 8]})
    second.start()
    second.join(0.5)
    assert second.is_alive()  # It waits for the first.
    may_commit.set()
    for thread in (first, second):
        thread.join(10)
    assert bounds_of(shop) == {"recency": DAYS, "frequency": [1, 2, 4, 8]}


def test_change_stands_in_the_audit_log_in_words(shop, owner, as_person, page):
    browser = as_person(owner)
    browser.post(page, {"recency": "30 60 120 365"})
    with shop_scope(shop):
        record("shop.changed", shop, by=owner, details={"fields": ["name", "rfm_bounds"]})  # as it was before
        entries = AuditEntry.objects.order_by("seq").values_list("action", "object_type", "details")
        assert entries[0] == ("scoring.settings_changed", "segmentation.settings", {"fields": ["rfm_bounds"]})

    def told(language):
        log = reverse("settings:audit", args=[shop.slug])
        return [line.what for line in browser.get(log, headers={"accept-language": language}).context["page"].lines]

    assert told("en") == [
        "changed the shop's settings: name, RFM bounds",
        "changed the settings of scoring: RFM bounds",
    ]
    assert told("zh-hans") == ["修改了店铺设置：名称、RFM 分界", "修改了评分设置：RFM 分界"]


def test_saving_nothing_new_leaves_neither_row_nor_entry(shop, owner, as_person, page):
    browser = as_person(owner)
    browser.post(page, {"recency": "", "frequency": "", "monetary": ""})
    with shop_scope(shop):
        assert (Settings.objects.count(), AuditEntry.objects.count()) == (0, 0)
    for _twice in range(2):
        browser.post(page, {"recency": "30 60 120 365"})
    with shop_scope(shop):
        assert (Settings.objects.count(), AuditEntry.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"recency": "30 60 120"},
        {"recency": "1e-320 1 2 3"},
        {"frequency": "4 3 2 1"},
        {"frequency": "5 5 5 5"},
        {"monetary": "nan nan nan nan"},
    ],
    ids=str,
)
def test_wrong_bounds_are_said_beside_their_field_and_kept(shop, owner, as_person, page, wrong):
    answer = as_person(owner).post(page, wrong)
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (422, list(wrong))
    assert "Write four numbers that rise, such as" in answer.text
    assert {name: form.data[name] for name in wrong} == wrong
    assert bounds_of(shop) is None


def test_bounds_that_fall_are_refused_whoever_sets_them(shop):
    with shop_scope(shop), pytest.raises(ValueError, match="must rise"):
        change_bounds(shop, {"recency": [4, 3, 2, 1]}, by=None)
    assert bounds_of(shop) is None


def test_page_is_closed_to_who_may_not_manage_the_shop(shop, make_member, as_person, page):
    browser = as_person(make_member(shop, Role.MARKETER))
    assert (browser.get(page).status_code, browser.post(page).status_code) == (403, 403)


BEFORE = [("segmentation", "0010_orders_and_purchases"), ("shops", "0010_scopes_without_choices")]
AFTER = [("segmentation", "0011_settings"), ("shops", "0012_bounds_are_segmentations")]


def migrate(targets):
    executor = MigrationExecutor(connections["owner"])
    return executor.migrate(targets).apps.get_model("shops", "Shop").objects.using("owner")


def latest():
    executor = MigrationExecutor(connections["owner"])
    return executor.loader.graph.leaf_nodes()


@pytest.mark.slow
@committing
def test_older_bounds_of_every_shop_move_there_and_back(make_shop):
    """As an installation with shops is updated; and, should it have to be, taken back."""
    tea, plain, sushi = (make_shop(slug) for slug in ("tea", "plain", "sushi"))
    try:
        shops = migrate(BEFORE)
        shops.filter(slug="tea").update(rfm_bounds={"recency": DAYS})
        shops.filter(slug="sushi").update(rfm_bounds={"monetary": [1, 2, 3, 4]})
        migrate(AFTER)
        moved = [bounds_of(shop) for shop in (tea, plain, sushi)]
        assert moved == [{"recency": DAYS}, None, {"monetary": [1, 2, 3, 4]}]
        with shop_scope(plain):
            change_bounds(plain, {"frequency": [1, 2, 4, 8]}, by=None)
        taken_back = migrate(BEFORE).order_by("pk").values_list("slug", "rfm_bounds")
        assert list(taken_back) == [
            ("tea", {"recency": DAYS}),
            ("plain", {"frequency": [1, 2, 4, 8]}),
            ("sushi", {"monetary": [1, 2, 3, 4]}),
        ]
    finally:
        migrate(latest())
    assert bounds_of(plain) == {"frequency": [1, 2, 4, 8]}
    assert Shop.objects.count() == 3


@pytest.mark.parametrize("written", ["30 60 120 365", "30, 60, 120, 365", "30;60;120;365", "30，60，120，365"])
def test_bounds_are_read_however_they_are_divided(shop, owner, as_person, page, written):
    assert as_person(owner).post(page, {"recency": written}).status_code == 302
    assert bounds_of(shop) == {"recency": [30, 60, 120, 365]}
