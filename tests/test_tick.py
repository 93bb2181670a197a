"""The tick and what it calls: whatever is due has a task with that name, and old answers go."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from crm.celery import app
from crm.rest.idempotency import KEEP
from crm.shops.actions import create_shop
from crm.shops.keys import create_key
from crm.shops.models import IdempotencyRecord, Membership, Shop, User
from crm.shops.roles import Role
from crm.tasks import clean_up
from crm.tenancy.scope import shop_scope
from crm.tenancy.work import TASK, WORK, due_work
from customers.models import ConsentText, DuplicateSearch, ExportJob, ImportJob, SalesDay, Signup, SignupForm
from segmentation.models import ScoreRun
from tests.factories.customers import make_consent_text, make_signup_form

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_everything_that_falls_due_has_a_task(shop):
    with shop_scope(shop):
        for kind in (ImportJob, ExportJob, DuplicateSearch, ScoreRun):
            kind.objects.create(shop=shop, state="queued", due_at=NOW - timedelta(days=1), created_at=NOW)
        SalesDay.objects.create(shop=shop, day=NOW.date(), is_stale=True)
        made = {ConsentText: make_consent_text(shop, {})}
        made[SignupForm] = make_signup_form(shop, made)
        Signup.objects.create(
            shop=shop, form=made[SignupForm], text=made[ConsentText], purposes=[], email="a@example.com",
            sent_at=NOW, due_at=NOW - timedelta(days=1),
        )  # fmt: skip
    app.loader.import_default_modules()
    due = due_work()
    assert sorted(one.name for one in due) == sorted(work.name for work in WORK)
    assert {one.shop_id for one in due} == {shop.pk}
    assert TASK in app.tasks


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])
def test_old_answers_are_forgotten_and_fresh_ones_kept(make_shop):
    shop = make_shop("tea")
    now = datetime.now(UTC)
    with shop_scope(shop):
        key, _ = create_key(shop, name="web", by=None)
        for name, age in (("old", KEEP + timedelta(hours=1)), ("fresh", timedelta(hours=1))):
            IdempotencyRecord.objects.create(
                shop=shop, api_key=key, method="POST", path="/", key=name, body_hash="", created_at=now - age
            )
    clean_up()
    with shop_scope(shop):
        assert [record.key for record in IdempotencyRecord.objects.all()] == ["fresh"]


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])
def test_a_sign_up_that_nobody_confirmed_goes_with_its_shop(make_shop):
    now = datetime.now(UTC)

    def sign_up(slug, *, days, verified=False, last_login=None):
        person = User.objects.create_user(f"{slug}@example.com", date_joined=now - timedelta(days=days))
        User.objects.filter(pk=person.pk).update(last_login=last_login)
        EmailAddress.objects.create(user=person, email=person.email, verified=verified, primary=True)
        return create_shop(slug, name=slug, currency="GBP", timezone="Europe/London", owner=person)

    sign_up("forgotten", days=4)
    sign_up("fresh", days=2)
    sign_up("confirmed", days=4, verified=True)
    sign_up("was-there", days=4, last_login=now)
    shared = sign_up("shared", days=4)
    with shop_scope(shared):
        colleague = User.objects.create_user("colleague@example.com", date_joined=now - timedelta(days=9))
        Membership.objects.create(shop=shared, user=colleague, role=Role.AGENT)
    clean_up()
    assert set(Shop.objects.values_list("slug", flat=True)) == {"fresh", "confirmed", "was-there", "shared"}
    assert User.objects.count() == 5
    assert not User.objects.filter(email="forgotten@example.com").exists()
