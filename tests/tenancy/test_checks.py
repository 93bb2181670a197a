"""The system checks hold, and each complains when its rule is broken."""

import io

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connections, models, transaction

from crm.shops.audit.chain import record, verify_chain
from crm.shops.models import User
from crm.tenancy import checks
from crm.tenancy.scope import ShopModel, WrongScope, platform_scope, shop_scope
from customers.models import Note


def test_checks_pass_on_the_project():
    assert [message for message in run_checks() if message.id.startswith("shops.")] == []


def test_model_that_lost_its_base_manager_is_named(monkeypatch):
    monkeypatch.setattr(Note._meta, "base_manager_name", None)
    assert [(m.id, m.obj) for m in checks.shop_models_are_guarded(None)] == [("shops.E001", Note)]


def test_model_with_a_manager_of_its_own_is_named(monkeypatch):
    monkeypatch.setattr(Note, "objects", models.Manager())
    assert [(m.id, m.obj) for m in checks.shop_models_are_guarded(None)] == [("shops.E001", Note)]


def test_meta_that_does_not_inherit_loses_the_guard():
    """Why the check is there: Django says nothing of this mistake."""
    assert ShopModel.Meta.base_manager_name == "objects"
    assert Note._meta.base_manager_name == "objects"


@pytest.mark.django_db(databases=["default", "platform"])
def test_roles_of_both_connections_are_plain():
    assert checks.roles_are_plain(None, databases=["default", "platform"]) == []


@pytest.mark.django_db(databases=["owner"])
def test_connection_of_the_owner_is_refused(monkeypatch):
    """As if DATABASE_URL named crm_owner: it owns the tables."""
    monkeypatch.setattr(checks, "_APP_ALIASES", ("owner",))
    messages = checks.roles_are_plain(None, databases=["owner"])
    assert [message.id for message in messages] == ["shops.E002", "shops.E002"]
    assert "has CREATEDB" in messages[0].msg
    assert "owns the table" in messages[1].msg


@pytest.mark.django_db(databases=["default", "platform"])
def test_createsuperuser_works_as_the_platform(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    call_command("createsuperuser", email="Boss@Example.com", interactive=False, stdout=io.StringIO())
    boss = User.objects.using("platform").get()
    assert (boss.email, boss.is_staff, boss.is_superuser) == ("boss@example.com", True, True)
    assert connections["platform"].settings_dict["USER"] == "crm_platform"


# The audit chain and the platform


def test_record_takes_a_shop_from_the_platform_only(shop, other_shop):
    with shop_scope(shop), pytest.raises(WrongScope):
        record("test", by=None, shop_id=other_shop.pk)
    with pytest.raises(WrongScope):
        record("test", by=None, shop_id=shop.pk)


@pytest.mark.django_db(transaction=True, databases=["default", "platform", "owner"])
def test_platform_appends_to_the_chain_of_a_shop(shop, other_shop):
    with shop_scope(shop):
        record("first", by=None)
    with platform_scope(), transaction.atomic(using="platform"):
        record("second", by=None, shop_id=shop.pk)
        record("elsewhere", by=None, shop_id=other_shop.pk)
    with shop_scope(shop):
        record("third", by=None)
        assert verify_chain() == (3, None)
    with shop_scope(other_shop):
        assert verify_chain() == (1, None)
