"""The toy app in every place where apps meet. Run by tests/test_new_app.py, in a process with the app installed."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from crm.demo import seed
from crm.shops.demo_steps import DemoShop
from crm.shops.keys import create_key
from crm.shops.models import AuditEntry
from crm.tasks import clean_up, tick, work
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import due_work
from customers.exports import request_export, run_export
from customers.models import Customer, ExportJob, ImportJob
from customers.personal_data import erase_personal_data, move_personal_data, personal_data_of
from tests.toy.models import ReminderJob, Settings, Wish


@pytest.fixture
def ana(shop):
    with shop_scope(shop):
        return Customer.objects.create(shop=shop, name="Ana Lopez")


@pytest.fixture
def bob(shop):
    with shop_scope(shop):
        return Customer.objects.create(shop=shop, name="Bob Marsh")


@pytest.fixture
def wish(shop, ana):
    with shop_scope(shop):
        return Wish.objects.create(shop=shop, customer=ana, what="Blue teapot")


@pytest.fixture
def foreign(other_shop):
    with shop_scope(other_shop):
        eve = Customer.objects.create(shop=other_shop, name="Eve")
        return Wish.objects.create(shop=other_shop, customer=eve, what="Foreign kettle")


@pytest.fixture
def see(owner, as_person):
    browser = as_person(owner)
    return lambda address: browser.get(f"/s/tea/{address}")


@pytest.fixture(autouse=True)
def nothing_foreign_is_seen(foreign, see):
    """Whatever a test looks at, it looks as a member of one of two shops that both have wishes."""


def test_timeline_panel_and_action(see, ana, bob, wish):
    page = see(f"customers/{ana.pk}/").text
    assert "Wished for Blue teapot" in page
    assert "A wish: Blue teapot" in page
    assert page.count('href="/s/tea/wishes/"') == 3  # the action, the rail, the bar of small screens
    assert "Wished for Blue teapot" in see(f"customers/{ana.pk}/timeline/?kind=wishes").text
    assert "teapot" not in see(f"customers/{bob.pk}/").text


def test_quick_search(see, wish):
    [group] = see("search/?q=Blue teapot").context["groups"]
    assert (group.label, [hit.label for hit in group.found.hits]) == ("Wishes", ["Blue teapot"])
    assert see("search/?q=Foreign kettle").context["groups"] == []
    assert [group.label for group in see("search/?q=wishes").context["groups"]] == ["Pages"]


def test_list_filter(see, ana, bob, wish):
    page = see("customers/?wish=Blue teapot").text
    assert "Ana Lopez" in page
    assert "Bob Marsh" not in page


def test_overview_shows_card_figure_origin_and_first_step(see, wish):
    page = see("").text
    assert "Wishes in all: 1" in page
    assert "The last wish: Blue teapot" in page
    assert "Collect a wish" in page


def test_navigation_and_the_pages_of_the_app(see, wish):
    assert see("wishes/").text == "Blue teapot"


def test_settings_are_a_tab_and_a_row_of_their_own(shop, other_shop, owner, see, as_person):
    assert "Wish limits" in see("settings/shop/").text
    assert "At most 10 wishes" in see("settings/wishes/").text
    as_person(owner).post("/s/tea/settings/wishes/", {"most": "3"})
    assert "At most 3 wishes" in see("settings/wishes/").text
    assert "changed the settings of wishes" in see("settings/audit/").text
    [group] = see("search/?q=wish limits").context["groups"]
    assert [hit.url for hit in group.found.hits] == ["/s/tea/settings/wishes/"]
    with shop_scope(other_shop):
        assert not Settings.objects.exists()


def test_files_and_reports_of_other_apps(shop, owner, see, ana, wish, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with shop_scope(shop):
        request_export(shop, QueryDict(""), by=owner, now=timezone.now())
        job = ExportJob.claim_due()
    run_export(job, shop, timezone.now())
    with job.file.open("rb") as file:
        [row] = csv.DictReader(io.StringIO(file.read().decode("utf-8-sig")))
    assert (row["name"], row["wishes"]) == ("Ana Lopez", "1")
    with shop_scope(shop):
        job = ImportJob.objects.create(
            shop=shop,
            work="run",
            state="done",
            filename="orders.csv",
            file="x",
            created_at=timezone.now(),
            counts={"rows": 3, "orders_created": 3},
        )
    assert "Wishes of an import" in see(f"imports/{job.pk}/").text


def test_person_is_given_out_moved_and_erased(shop, ana, bob, wish):
    with shop_scope(shop):
        assert [row["what"] for row in personal_data_of(ana)["wishes"]] == ["Blue teapot"]
        move_personal_data(ana, bob, now=timezone.now())
        assert [each.customer for each in Wish.objects.all()] == [bob]
        erase_personal_data(bob, now=timezone.now())
        assert not Wish.objects.exists()


def test_job_is_shown_found_due_and_done(shop, see, wish):
    at = timezone.now() - timedelta(minutes=1)
    with shop_scope(shop):
        job = ReminderJob.objects.create(shop=shop, state="queued", due_at=at, created_at=at)
    assert "Reminding of wishes" in see("jobs/").text
    assert [(due.name, due.shop_id) for due in due_work()] == [("toy.remind", shop.pk)]
    tick()
    work("toy.remind", shop.pk)
    with shop_scope(shop):
        assert (ReminderJob.objects.get(pk=job.pk).state, Wish.objects.get().is_reminded) == ("done", True)
        assert [entry.action for entry in AuditEntry.objects.all()] == ["wish.reminded"]
    assert due_work() == []
    log = see("settings/audit/?action=wish.reminded").text
    assert "reminded of wishes" in log
    assert "Wishes reminded" in log


def test_api_and_its_document(client, shop, wish):
    with shop_scope(shop):
        _, secret = create_key(shop, name="web", by=None, scopes=["customers:read"])
    answer = client.get("/api/v1/wishes", headers={"Authorization": f"Bearer {secret}"})
    assert [(each["id"], each["what"]) for each in answer.json()["results"]] == [(wish.pk, "Blue teapot")]
    assert "/api/v1/wishes" in client.get("/api/v1/schema").json()["paths"]


def test_demo_shops_are_filled(shop, ana):
    now = datetime.now(UTC)
    [step] = [step for step in seed.demo_steps() if step.name == "wishes"]
    with shop_scope(shop):
        assert not step.is_done()
    step.fill(DemoShop(shop, now.date(), now), lambda share: None)
    with shop_scope(shop):
        assert step.is_done()


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])
def test_what_is_kept_for_a_while_goes(make_shop):
    shop = make_shop("old")
    with shop_scope(shop):
        ana = Customer.objects.create(shop=shop, name="Ana")
        for what, days in (("old", 400), ("fresh", 1)):
            at = timezone.now() - timedelta(days=days)
            Wish.objects.create(shop=shop, customer=ana, what=what, wished_at=at)
    clean_up()
    with shop_scope(shop):
        assert [wish.what for wish in Wish.objects.all()] == ["fresh"]
