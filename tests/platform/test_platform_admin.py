"""Django admin: who comes in, that every page of every model answers, and that each write is on the record."""

import re
import uuid
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.shops.admin.base import MOST_ROWS
from crm.shops.audit.chain import record, verify_chain
from crm.shops.models import ApiKey, AuditEntry, Membership, Shop, User
from crm.shops.roles import Role
from crm.tenancy.jobs import Job
from crm.tenancy.scope import ShopModel, platform_scope, shop_scope
from customers.models import (
    Address,
    AttributeDefinition,
    AttributeValue,
    Consent,
    ConsentEvent,
    ConsentSettings,
    ConsentText,
    ContactPreference,
    Customer,
    CustomerKind,
    DuplicatePair,
    DuplicateSearch,
    ImportJob,
    Merge,
    Note,
    Order,
    OrderLine,
    Product,
    Signup,
    SignupForm,
    Suppression,
)
from segmentation.models import ScoreRun
from tests.factories import FACTORIES, canary

# `default` too: allauth opens a transaction on it whatever alias it then writes to.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(databases=["default", "platform"])]
PASSWORD = "correct horse battery"
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


@pytest.fixture
def staff():
    with platform_scope():
        return User.objects.create_superuser("boss@huitou.example", PASSWORD)


@pytest.fixture
def browser(client, staff):
    with platform_scope():
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_platform_shop(slug):
    """A shop and one row of each table, made by the platform itself: the two roles are two connections."""
    made = {}
    with platform_scope():
        shop = Shop.objects.create(slug=slug, name=f"{slug} shop", currency="GBP", timezone="Europe/London")
        for model, make in FACTORIES.items():
            if model.__name__ in ("AuditEntry", "AuditHead"):
                continue
            if model is ApiKey:
                made[model] = ApiKey.objects.create(
                    shop=shop, name=f"{canary(shop)} key", hint="abcd", key_hash="f00d" * 16
                )
            else:
                made[model] = make(shop, made)
    return shop, made


@pytest.fixture
def tea():
    return make_platform_shop("tea")


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def chain(shop):
    with platform_scope():
        return list(
            AuditEntry.objects.filter(shop=shop)
            .order_by("seq")
            .values_list("action", "object_type", "actor_id", "details")
        )


# Who comes in


def test_staff_log_in_at_platform(client, staff):
    answer = client.post("/platform/login/", {"username": staff.email, "password": PASSWORD, "next": "/platform/"})
    assert (answer.status_code, answer["Location"]) == (302, "/platform/")
    assert client.get("/platform/").status_code == 200


def test_members_of_shops_do_not(client):
    with platform_scope():
        User.objects.create_user("member@example.com", PASSWORD)
    answer = client.post("/platform/login/", {"username": "member@example.com", "password": PASSWORD})
    assert answer.status_code == 200
    assert "staff account" in answer.content.decode()
    assert client.get("/platform/").status_code == 302


def test_a_member_who_is_logged_in_sees_no_page_of_the_platform(client):
    with platform_scope():
        member = User.objects.create_user("member@example.com", PASSWORD)
        client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    for model in MODELS:
        answer = client.get(url(model, "changelist"))
        assert (answer.status_code, answer["Location"][:16]) == (302, "/platform/login/"), model


@pytest.mark.django_db(transaction=True, databases=["default", "platform", "owner"])
def test_staff_are_refused_at_the_dashboards_login(client, staff):
    answer = client.post(reverse("account_login"), {"login": staff.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True, databases=["default", "platform", "owner"])
def test_password_of_staff_is_set_by_a_command_and_not_at_the_dashboards(client, staff, monkeypatch):
    client.post(reverse("account_reset_password"), {"email": staff.email})
    (message,) = mail.outbox
    assert message.to == [staff.email]
    assert "/password/reset/key/" not in message.body
    monkeypatch.setattr("getpass.getpass", lambda prompt: "a wholly new one")
    call_command("changepassword", staff.email, stdout=StringIO())
    with platform_scope():
        staff.refresh_from_db()
    assert staff.check_password("a wholly new one")


# Every page of every model


def test_what_the_task_names_is_registered():
    wanted = {Shop, User, Membership, ApiKey, AuditEntry, Customer, Order, Product, ImportJob, ScoreRun}
    wanted |= {Merge, DuplicatePair, DuplicateSearch, Address, AttributeDefinition, AttributeValue, CustomerKind, Note}
    wanted |= {Consent, ConsentEvent, ConsentText, ConsentSettings, ContactPreference, Signup, SignupForm, Suppression}
    assert wanted <= set(MODELS)


@pytest.mark.slow
@each_model
def test_pages_answer(model, browser, tea):
    assert browser.get(url(model, "changelist")).status_code == 200
    for words in ("canary-tea", "tea", "tea 1", "1", "99999999999999999999", "x@example.com", "²", "\0"):
        assert browser.get(url(model, "changelist"), {"q": words}).status_code == 200, words
    with platform_scope():
        row = model._default_manager.first()
        may_add = admin.site._registry[model].has_add_permission(browser.get("/platform/").wsgi_request)
    if row is not None:
        answer = browser.get(url(model, "change", row.pk))
        assert answer.status_code == 200
        assert "f00df00d" not in answer.content.decode()
        assert browser.get(url(model, "history", row.pk)).status_code == 200
    assert browser.get(url(model, "add")).status_code == (200 if may_add else 403)


@each_model
def test_every_name_of_a_column_is_chinese_on_a_chinese_page(model, browser, tea):
    with platform_scope():
        record("thing.done", tea[0], by=None, shop_id=tea[0].pk)
        row = model._default_manager.first()
    for page in (url(model, "changelist"), url(model, "change", row.pk)):
        text = browser.get(page, headers={"accept-language": "zh-hans"}).text
        names = re.findall(r'<label[^>]*>(.*?)</label>|<div class="text">(.*?)</div>|<th[^>]*>([^<]+)</th>', text, re.S)
        names = {re.sub(r"<[^>]*>", "", "".join(parts)).strip(" :\n\xa0") for parts in names} - {""}
        assert len(names) > 2
        assert {name for name in names if not re.search("[\u4e00-\u9fff]", name)} <= {"ID"}


@pytest.mark.parametrize(("currency", "total", "shown"), [("USD", 123456, "$1,234.56"), ("JPY", 5000, "¥5,000")])
def test_money_is_shown_in_its_own_currency(browser, tea, currency, total, shown):
    _, made = tea
    with platform_scope():
        Order.objects.filter(pk=made[Order].pk).update(currency=currency, total_minor=total, revenue_minor=None)
        Customer.objects.filter(pk=made[Customer].pk).update(net_minor=99)
        OrderLine.objects.filter(pk=made[OrderLine].pk).update(total_minor=total)
    for page in (url(Order, "changelist"), url(Order, "change", made[Order].pk)):
        assert shown in browser.get(page).text
    assert browser.get(url(Order, "change", made[Order].pk)).text.count(shown) == 2  # and its line
    for page in (url(Customer, "changelist"), url(Customer, "change", made[Customer].pk)):
        assert "£0.99" in browser.get(page).text


def test_no_filter_counts_its_choices(browser, tea):
    queries = CaptureQueriesContext(connections["platform"])
    with queries:
        browser.get(url(ImportJob, "changelist"), {"_facets": "1"})
    assert [query["sql"] for query in queries if "COUNT(CASE" in query["sql"] or "FILTER (WHERE" in query["sql"]] == []


@pytest.mark.slow
@each_model
def test_list_has_a_constant_number_of_queries(model, browser, django_assert_max_num_queries):
    make_platform_shop("one")
    with django_assert_max_num_queries(12, connection=connections["platform"]):
        browser.get(url(model, "changelist"))
    make_platform_shop("two"), make_platform_shop("three")
    with django_assert_max_num_queries(12, connection=connections["platform"]):
        browser.get(url(model, "changelist"))


def test_order_page_has_a_constant_number_of_queries(browser, tea, django_assert_max_num_queries):
    shop, made = tea
    with platform_scope():
        lines = [OrderLine(shop=shop, order=made[Order], position=n, quantity=1) for n in range(2, 12)]
        for line in lines:
            line.unit_price_minor = line.total_minor = 100
            line.is_revenue = True
        OrderLine.objects.bulk_create(lines)
    with django_assert_max_num_queries(14, connection=connections["platform"]):
        text = browser.get(url(Order, "change", made[Order].pk)).content.decode()
    assert text.count("field-position") >= 11


def test_no_page_has_inline_script_or_style(browser, tea):
    """The Content-Security-Policy would stop it."""
    _, made = tea
    pages = ["/platform/", "/platform/login/", url(Shop, "add"), url(Membership, "add"), url(User, "add")]
    pages += [url(model, "changelist") for model in MODELS] + [url(Order, "change", made[Order].pk)]
    for page in pages:
        text = browser.get(page).content.decode()
        assert "<style" not in text, page
        assert " style=" not in text, page
        assert " onclick=" not in text, page
        assert all("src=" in tag or "application/json" in tag for tag in _script_tags(text)), page


def _script_tags(text):
    return [part.partition(">")[0] for part in text.split("<script")[1:]]


@pytest.mark.parametrize("words", ["canary-tea@example.com", "CANARY-TEA@example.com", "tea canary-tea@example.com"])
def test_customer_is_found_by_a_whole_address(words, browser, tea):
    _, made = tea
    make_platform_shop("other")
    found = browser.get(url(Customer, "changelist"), {"q": words}).context["cl"].queryset
    with platform_scope():
        assert list(found) == [made[Customer]]


def test_orders_are_found_by_number_in_any_shop_or_in_one(browser, tea):
    shop, _ = tea
    other, theirs = make_platform_shop("other")
    with platform_scope():
        Order.objects.filter(pk=theirs[Order].pk).update(external_id="canary-tea-order")
    for words, wanted in (("canary-tea-order", {shop, other}), ("other canary-tea-order", {other})):
        found = browser.get(url(Order, "changelist"), {"q": words}).context["cl"].queryset
        with platform_scope():
            assert {order.shop for order in found} == wanted


@pytest.mark.slow
def test_long_list_is_not_counted(browser, tea):
    shop, _ = tea
    with platform_scope():
        Customer.objects.bulk_create(Customer(shop=shop, name="x") for _ in range(MOST_ROWS + 5))
    answer = browser.get(url(Customer, "changelist"))
    assert answer.context["cl"].result_count == MOST_ROWS
    assert f"the first {MOST_ROWS} customers" in answer.content.decode()


# Writes


def test_shop_is_made_and_changed_on_the_record(browser, staff):
    form = {"name": "New", "slug": "new-shop", "currency": "GBP", "timezone": "Europe/London", "language": "en"}
    form |= {"week_start": "0", "exchange_rates": "{}", "initial-exchange_rates": "{}"}
    assert browser.post(url(Shop, "add"), form).status_code == 302
    with platform_scope():
        shop = Shop.objects.get(slug="new-shop")
    changed = form | {"name": "Newer", "slug": "stolen", "currency": "EUR", "timezone": "Asia/Shanghai"}
    assert browser.post(url(Shop, "change", shop.pk), changed).status_code == 302
    with platform_scope():
        shop.refresh_from_db()
    assert (shop.name, shop.slug, shop.currency, shop.timezone) == ("Newer", "new-shop", "GBP", "Europe/London")
    assert chain(shop) == [
        ("platform.added", "shops.shop", staff.pk, {}),
        ("platform.changed", "shops.shop", staff.pk, {"fields": ["Name"]}),
    ]


def test_membership_is_given_changed_and_taken_on_the_record(browser, staff, tea):
    shop, _ = tea
    with platform_scope():
        person = User.objects.create_user("person@example.com")
        other = Shop.objects.create(slug="other", name="Other", currency="GBP", timezone="Europe/London")
    browser.post(url(Membership, "add"), {"shop": shop.pk, "user": person.pk, "role": Role.AGENT})
    with platform_scope():
        membership = Membership.objects.get(user=person)
    browser.post(url(Membership, "change", membership.pk), {"role": Role.OWNER, "shop": other.pk, "user": staff.pk})
    with platform_scope():
        membership.refresh_from_db()
    assert (membership.role, membership.shop_id, membership.user_id) == (Role.OWNER, shop.pk, person.pk)
    browser.post(url(Membership, "delete", membership.pk), {"post": "yes"})
    assert [(action, kind) for action, kind, _, _ in chain(shop)] == [
        ("platform.added", "shops.membership"),
        ("platform.changed", "shops.membership"),
        ("platform.deleted", "shops.membership"),
    ]
    with platform_scope():
        assert not Membership.objects.filter(user=person).exists()


def test_lost_two_step_sign_in_is_taken_off_and_ends_the_sessions(browser):
    def kept():
        return Authenticator.objects.count(), UserSession.objects.filter(user=person).count()

    with platform_scope():
        person, other = User.objects.create_user("lost@example.com"), User.objects.create_user("other@example.com")
        for each in (person, other):
            Authenticator.objects.create(user=each, type=Authenticator.Type.TOTP, data={"secret": "x"})
            UserSession.objects.create(user=each, ip="127.0.0.1", session_key=each.email)
        assert kept() == (2, 1)
    browser.post(url(User, "changelist"), {"action": "end_two_step", "_selected_action": [person.pk]})
    with platform_scope():
        assert kept() == (1, 0)
        assert Authenticator.objects.get().user_id == other.pk
        assert LogEntry.objects.get().get_change_message() == "Two-step sign-in was taken off."


def test_same_membership_twice_is_an_error_beside_the_form(browser, tea):
    shop, made = tea
    answer = browser.post(url(Membership, "add"), {"shop": shop.pk, "user": made[Membership].user_id, "role": "agent"})
    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()


@pytest.mark.parametrize("model", [m for m in MODELS if issubclass(m, ShopModel) and m is not Membership], ids=str)
def test_rows_that_hang_together_are_only_shown(model, browser, tea):
    with platform_scope():
        row = model.objects.first()
    if row is None:
        assert model is AuditEntry
        return
    assert browser.post(url(model, "change", row.pk), {"name": "changed"}).status_code == 403
    assert browser.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert browser.post(
        url(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk}
    ).status_code in (
        200,
        302,
    )
    with platform_scope():
        assert model.objects.filter(pk=row.pk).exists()


# Deleting a shop


def test_shop_is_deleted_only_when_its_short_name_is_typed(browser, tea):
    shop, _ = tea
    kept, _ = make_platform_shop("kept")
    for each in (shop, kept):
        with platform_scope():
            record("thing.done", each, by=None, shop_id=each.pk)
    for typed in ({}, {"slug": ""}, {"slug": "kept"}):
        browser.post(url(Shop, "delete", shop.pk), {"post": "yes"} | typed)
    with platform_scope():
        assert Shop.objects.filter(pk=shop.pk).exists()
    assert browser.post(url(Shop, "delete", shop.pk), {"post": "yes", "slug": "tea"}).status_code == 302
    with platform_scope():
        assert list(Shop.objects.all()) == [kept]
        left = [model for model in FACTORIES if model.objects.filter(shop_id=shop.pk).exists()]
        assert left == []
        assert Order.objects.filter(shop=kept).count() == 1
    assert [action for action, *_ in chain(kept)] == ["thing.done"]


def test_shop_with_orders_of_no_customer_is_deleted_too(browser, tea):
    """Their lines restrict the products, which the database's cascade meets first."""
    shop, made = tea
    with platform_scope():
        Order.objects.filter(pk=made[Order].pk).update(customer=None)
    assert browser.post(url(Shop, "delete", shop.pk), {"post": "yes", "slug": "tea"}).status_code == 302
    with platform_scope():
        assert not Shop.objects.exists()


# Jobs


def run_action(browser, model, name, *jobs):
    return browser.post(
        url(model, "changelist"), {"action": name, "_selected_action": [job.pk for job in jobs]}, follow=True
    ).content.decode()


@pytest.mark.parametrize("state", [Job.State.FAILED, Job.State.CANCELLED])
def test_ended_job_is_tried_again(state, browser, staff, tea):
    shop, made = tea
    job = made[ImportJob]
    with platform_scope():
        ImportJob.objects.filter(pk=job.pk).update(state=state, attempts=3, error={"code": "x"}, due_at=None)
    assert "1 job was changed." in run_action(browser, ImportJob, "retry", job)
    with platform_scope():
        job.refresh_from_db()
    assert (job.state, job.attempts, job.error, job.finished_at) == (Job.State.QUEUED, 0, None, None)
    assert job.due_at <= timezone.now()
    assert chain(shop) == [("platform.retried", "customers.importjob", staff.pk, {})]


def test_running_job_is_cancelled_and_its_worker_loses_it(browser, tea):
    shop, made = tea
    job = made[ScoreRun]
    with platform_scope():
        ScoreRun.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, token=uuid.uuid4())
    run_action(browser, ScoreRun, "cancel", job)
    with platform_scope():
        job.refresh_from_db()
    assert (job.state, job.token) == (Job.State.CANCELLED, None)
    assert [row[0] for row in chain(shop)] == ["platform.cancelled"]


def test_finished_job_is_left_alone(browser, tea):
    shop, made = tea
    for action in ("retry", "cancel"):
        assert "1 job was left as it is" in run_action(browser, ImportJob, action, made[ImportJob])
    assert chain(shop) == []


def test_second_nightly_run_in_the_queue_is_not_a_crash(browser, tea):
    shop, made = tea
    with platform_scope():
        ScoreRun.objects.filter(pk=made[ScoreRun].pk).update(state=Job.State.FAILED)
        waiting = {"shop": shop, "state": Job.State.QUEUED, "trigger": ScoreRun.Trigger.NIGHTLY}
        ScoreRun.objects.get_or_create(**waiting, defaults={"created_at": timezone.now()})
    assert "1 job was left as it is" in run_action(browser, ScoreRun, "retry", made[ScoreRun])


@pytest.mark.django_db(transaction=True, databases=["default", "platform", "owner"])
def test_chain_of_the_shop_stays_whole(browser, tea):
    shop, made = tea
    browser.post(url(Membership, "delete", made[Membership].pk), {"post": "yes"})
    with shop_scope(shop):
        assert verify_chain() == (1, None)


def test_apps_and_runs_are_named_in_the_language_of_the_page(browser, tea):
    run = tea[1][ScoreRun]
    page = browser.get(url(ScoreRun, "change", run.pk), headers={"accept-language": "zh-hans"})
    assert f"评分任务 {run.pk}" in page.text
    assert ">店铺</a>" in "".join(browser.get("/platform/", headers={"accept-language": "zh-hans"}).text.split())
