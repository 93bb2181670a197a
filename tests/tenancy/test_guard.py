"""The guard in the managers, and the scopes that open it."""

import asyncio
import threading

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, models, transaction
from django.test import TestCase

from crm.shops.models import AuditEntry, AuditHead, Shop
from crm.tenancy.scope import (
    NoShopInScope,
    ShopManager,
    ShopModel,
    WrongScope,
    _shop_id,
    current_shop_id,
    in_platform_scope,
    platform_scope,
    shop_scope,
)
from customers.models import ConsentEvent, ConsentText, Customer, Note, Order
from tests import loops
from tests.factories import FACTORIES, make_everything

TENANT_MODELS = sorted(FACTORIES, key=lambda model: model._meta.label)
KEPT = {AuditEntry, AuditHead, ConsentEvent, ConsentText}  # not deleted at all by the web's role: test_database.py


def setting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.shop_id', true)")
        return cursor.fetchone()[0]


# Managers


@pytest.mark.parametrize("model", TENANT_MODELS, ids=str)
def test_base_and_default_managers_are_guarded(model):
    assert isinstance(model._base_manager, ShopManager)
    assert isinstance(model._default_manager, ShopManager)
    assert type(model.all_shops) is models.Manager


def test_reads_show_the_rows_of_the_scope_only(shop, other_shop):
    mine, theirs = make_everything(shop), make_everything(other_shop)
    with shop_scope(shop):
        for model in TENANT_MODELS:
            found = set(model.objects.values_list("pk", "shop"))
            assert (mine[model].pk, shop.pk) in found, model
            assert {shop_id for _, shop_id in found} == {shop.pk}, model
            assert not model.objects.filter(pk=theirs[model].pk, shop=other_shop).exists(), model


def test_updates_and_deletes_miss_rows_of_another_shop(shop, other_shop):
    theirs = make_everything(other_shop)
    with shop_scope(shop):
        for model in set(TENANT_MODELS) - KEPT:
            assert model.objects.filter(pk=theirs[model].pk).update(shop_id=shop.pk) == 0, model
            assert model.objects.filter(pk=theirs[model].pk).delete()[0] == 0, model
    with shop_scope(other_shop):
        assert [model for model in TENANT_MODELS if not model.objects.filter(pk=theirs[model].pk).exists()] == []


USES = [
    lambda model, row: list(model.objects.all()),
    lambda model, row: model.objects.count(),
    lambda model, row: model.objects.exists(),
    lambda model, row: model.objects.filter(pk=row.pk).first(),
    lambda model, row: list(model.objects.values_list("pk")),
    lambda model, row: list(model.objects.none() | model.objects.all()),
    lambda model, row: model.objects.aggregate(models.Max("pk")),
    lambda model, row: model.objects.filter(pk=row.pk).update(shop_id=1),
    lambda model, row: model.objects.filter(pk=row.pk).delete(),
    lambda model, row: row.refresh_from_db(),
    lambda model, row: row.save(force_update=True),
    lambda model, row: row.delete(),
]


@pytest.mark.parametrize("use", USES)
def test_every_use_outside_a_scope_raises(use, shop):
    for model, row in make_everything(shop).items():
        with pytest.raises(NoShopInScope):
            use(model, row)


def test_relations_outside_a_scope_raise(shop):
    pk = make_everything(shop)[Order].pk
    with shop_scope(shop):
        order = Order.objects.get(pk=pk)
    with pytest.raises(NoShopInScope):
        _ = order.customer
    with pytest.raises(NoShopInScope):
        list(order.lines.all())
    with pytest.raises(NoShopInScope):
        list(shop.orders.all())


def test_row_of_another_shop_cannot_be_saved_refreshed_followed_or_deleted(shop, other_shop):
    note = make_everything(other_shop)[Note]
    fresh = Note(pk=note.pk, shop=other_shop, customer_id=note.customer_id, body="changed")
    with shop_scope(shop):
        with pytest.raises(Note.DoesNotExist):
            note.refresh_from_db()
        with pytest.raises(DatabaseError, match="did not affect any rows"), transaction.atomic():
            fresh.save(force_update=True)
        assert note.delete()[0] == 0
    with shop_scope(other_shop):
        assert Note.objects.get().body == "canary-other note"


def test_row_of_another_shop_is_no_relation(shop, other_shop):
    theirs = make_everything(other_shop)[Customer]
    with shop_scope(shop), pytest.raises(Customer.DoesNotExist):
        _ = Note(shop=shop, customer_id=theirs.pk).customer


def test_queryset_that_leaves_its_scope_raises(shop):
    make_everything(shop)
    with shop_scope(shop):
        lazy = Customer.objects.all()
    with pytest.raises(NoShopInScope):
        list(lazy)


def test_sub_queries_and_joins_carry_the_guard(shop, other_shop):
    make_everything(shop), make_everything(other_shop)
    with shop_scope(shop):
        query = str(Note.objects.filter(customer__in=Customer.objects.all()).query)
        assert query.count(f'"shop_id" = ({shop.pk})') == 2
        assert Note.objects.filter(customer__in=Customer.objects.all()).count() == 1


# Scopes


def fail_inside(scope, shop):
    with scope:
        Customer.objects.create(shop=shop, name="lost")
        raise ZeroDivisionError


def enter(scope):
    with scope:
        pass


def test_scope_is_set_and_taken_back(shop):
    with shop_scope(shop):
        assert current_shop_id() == shop.pk
        assert setting() == str(shop.pk)
    assert setting() == ""
    with pytest.raises(NoShopInScope):
        current_shop_id()


def test_scope_takes_an_id_and_nothing_that_is_none(shop):
    with shop_scope(shop.pk):
        assert current_shop_id() == shop.pk
    with pytest.raises(ValueError, match="invalid literal"):
        enter(shop_scope("1'; DROP TABLE shops_shop; --"))


def test_scope_of_another_shop_inside_a_scope_is_refused(shop, other_shop):
    with shop_scope(shop):
        with pytest.raises(WrongScope):
            enter(shop_scope(other_shop))
        assert setting() == str(shop.pk)


def test_platform_and_shop_do_not_nest(shop):
    with shop_scope(shop), pytest.raises(WrongScope):
        enter(platform_scope())
    with platform_scope():
        assert in_platform_scope()
        with pytest.raises(WrongScope):
            enter(shop_scope(shop))
    assert not in_platform_scope()


def test_same_scope_again_is_a_savepoint(shop):
    with shop_scope(shop):
        Customer.objects.create(shop=shop, name="kept")
        with pytest.raises(ZeroDivisionError):
            fail_inside(shop_scope(shop), shop)
        assert setting() == str(shop.pk)
        assert [customer.name for customer in Customer.objects.all()] == ["kept"]


def test_rolled_back_savepoint_keeps_the_setting(shop):
    with shop_scope(shop):
        with pytest.raises(ZeroDivisionError):
            fail_inside(transaction.atomic(), shop)
        assert setting() == str(shop.pk)


def test_scope_is_taken_back_after_an_error(shop, other_shop):
    with pytest.raises(ZeroDivisionError):
        fail_inside(shop_scope(shop), shop)
    assert setting() in ("", None)
    with shop_scope(other_shop):
        assert current_shop_id() == other_shop.pk
    with shop_scope(shop):
        assert not Customer.objects.exists()


def test_scope_does_not_reach_another_thread(shop):
    found = []

    def look():
        try:
            found.append(current_shop_id())
        except NoShopInScope:
            found.append("none")

    with shop_scope(shop):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found == ["none"]


def test_scopes_of_parallel_tasks_are_apart(shop, other_shop):
    """The ContextVar alone: each asyncio task sees what it set, whatever the other does in between."""

    async def look(shop_id):
        token = _shop_id.set(shop_id)
        seen = []
        for _ in range(50):
            await asyncio.sleep(0)
            seen.append(current_shop_id())
        _shop_id.reset(token)
        return set(seen)

    async def both():
        return await asyncio.gather(look(shop.pk), look(other_shop.pk))

    assert loops.run(both()) == [{shop.pk}, {other_shop.pk}]


class ScopeInTestCase(TestCase):
    """Django's TestCase is itself a transaction; the scope must not stay open in it."""

    def test_scope_is_closed_inside_the_test_transaction(self):
        shop = Shop.objects.create(slug="case", name="Case", currency="GBP", timezone="Europe/London")
        with shop_scope(shop):
            Customer.objects.create(shop=shop, name="Ana")
        assert setting() == ""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM customers_customer")
            assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_on_commit_runs_outside_the_scope(shop):
    seen = []

    def look():
        try:
            seen.append(Customer.objects.count())
        except NoShopInScope:
            seen.append("none")

    with shop_scope(shop):
        transaction.on_commit(look)
        assert seen == []
    assert seen == ["none"]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_scope_inside_another_transaction_is_refused(shop):
    """RLS would stay open to the end of the outer one."""
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        enter(shop_scope(shop))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nothing_of_a_scope_stays_on_the_connection(shop, other_shop):
    make_everything(shop)
    assert setting() in ("", None)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_customer")
        assert cursor.fetchone() == (0,)


# Every ShopModel is one


def test_tables_with_a_shop_are_shop_models():
    """A model with a `shop` of its own making would have neither guard nor fence."""
    odd = [
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "shop" for field in model._meta.concrete_fields) and not issubclass(model, ShopModel)
    ]
    assert odd == []
