"""The fences of the database alone: what happens to SQL that no manager has guarded."""

import pytest
from django.db import DatabaseError, ProgrammingError, connections, models, transaction

from crm.shops.audit.chain import record
from crm.shops.models import AuditEntry, AuditHead, Shop, User
from crm.tenancy.scope import ShopModel, platform_scope, shop_scope
from customers.models import AttributeValue, ConsentEvent, ConsentText, Customer, Note, Order
from segmentation.models import CustomerScore
from tests.factories import FACTORIES, make_everything

TENANT_MODELS = sorted(FACTORIES, key=lambda model: model._meta.label)
POLICY = "row-level security policy"
ADDED_ONLY = (AuditEntry, ConsentEvent, ConsentText)


def run(sql, *params, alias="default"):
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.fixture
def both(shop, other_shop):
    return make_everything(shop), make_everything(other_shop)


def refuse(match, sql, *params, alias="default"):
    """The statement fails, and only it: the transaction goes on."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic(using=alias):
        run(sql, *params, alias=alias)


def test_raw_sql_without_a_scope_sees_and_changes_nothing(both):
    for model in TENANT_MODELS:
        table = model._meta.db_table
        assert run(f"SELECT count(*) FROM {table}") == [(0,)]
        if model not in ADDED_ONLY:
            assert run(f"UPDATE {table} SET shop_id = shop_id") == 0
        if model not in (*ADDED_ONLY, AuditHead):
            assert run(f"DELETE FROM {table}") == 0


def test_raw_sql_and_unguarded_managers_see_the_shop_in_scope_only(both, shop):
    with shop_scope(shop):
        for model in TENANT_MODELS:
            assert run(f"SELECT DISTINCT shop_id FROM {model._meta.db_table}") == [(shop.pk,)]
            assert set(model.all_shops.values_list("shop", flat=True)) == {shop.pk}
    assert [model for model in TENANT_MODELS if model.all_shops.exists()] == []


def test_row_cannot_be_made_for_another_shop(both, shop, other_shop):
    """The row itself is copied, so nothing but its shop is wrong with it."""
    mine, _ = both
    with shop_scope(shop):
        for model in TENANT_MODELS:
            fields = {field.attname: getattr(mine[model], field.attname) for field in model._meta.concrete_fields}
            fields["shop_id"] = other_shop.pk
            if model._meta.pk.attname == "id":
                del fields["id"]
            with pytest.raises(ProgrammingError, match=POLICY), transaction.atomic():
                model(**fields).save(force_insert=True)


def test_shop_of_a_row_cannot_change(both, shop, other_shop):
    with shop_scope(shop):
        for model in TENANT_MODELS:
            why = "permission denied" if model in ADDED_ONLY else POLICY
            refuse(why, f"UPDATE {model._meta.db_table} SET shop_id = %s", other_shop.pk)


FOREIGN_KEYS = [
    (model, field)
    for model in TENANT_MODELS
    for field in model._meta.concrete_fields
    if field.related_model is not None and issubclass(field.related_model, ShopModel)
]


def test_foreign_key_cannot_point_into_another_shop(both, shop):
    mine, theirs = both
    assert len(FOREIGN_KEYS) >= 17
    with shop_scope(shop):
        for model, field in FOREIGN_KEYS:
            table, key = model._meta.db_table, model._meta.pk.column
            # A value is one thing: the choice takes the place of the text.
            also = ", text_value = NULL" if (model, field.name) == (AttributeValue, "choice") else ""
            update = f'UPDATE {table} SET "{field.column}" = %s{also} WHERE "{key}" = %s'
            # Of what was said only whose it is may change.
            why = "permission denied" if (model, field.name) == (ConsentEvent, "text") else "foreign key"
            refuse(why, update, theirs[field.related_model].pk, mine[model].pk)


def test_copy_into_a_fenced_table_is_refused(shop):
    with shop_scope(shop):
        for model in TENANT_MODELS:
            refuse("COPY FROM not supported", f"COPY {model._meta.db_table} FROM STDIN")


def test_truncate_is_refused(shop):
    for table in [model._meta.db_table for model in TENANT_MODELS] + ["shops_shop", "shops_user"]:
        refuse("permission denied", f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM shops_shop",
        "UPDATE shops_auditentry SET action = 'nothing'",
        "DELETE FROM shops_auditentry",
        "DELETE FROM shops_audithead",
        "SELECT * FROM django_admin_log",
        "CREATE TABLE leak (id int)",
        "CREATE FUNCTION leak() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE customers_customer DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON customers_customer",
        "SET ROLE crm_platform",
        "SET ROLE crm_owner",
        "SET ROLE crm_search",
        "SELECT setval('customers_note_id_seq', 1)",
        "SELECT name FROM pg_authid, shops_shop",
    ],
)
def test_the_webs_role_may_not(sql, shop):
    with shop_scope(shop):
        refuse("permission denied|must be owner", sql)


def test_row_security_off_is_an_error_not_a_leak(both):
    run("SET LOCAL row_security = off")
    refuse("affected by row-level security", "SELECT * FROM customers_customer")
    run("SET LOCAL row_security = on")


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_the_web_cannot_make_anybody_staff(flag, stranger):
    with pytest.raises(ProgrammingError, match=POLICY), transaction.atomic():
        User.objects.filter(pk=stranger.pk).update(**{flag: True})
    with pytest.raises(ProgrammingError, match=POLICY), transaction.atomic():
        User.objects.create_user("mole@example.com", **{flag: True})
    assert User.objects.filter(**{flag: True}).count() == 0


@pytest.mark.django_db(databases=["platform"])
def test_the_platform_can_make_staff_and_sees_every_shop():
    """The twin: what crm_app is refused is possible, so the refusals above are not refusals of everything."""
    with platform_scope():
        User.objects.create_superuser("staff@example.com")
        assert User.objects.filter(is_staff=True).count() == 1
        for slug in ("one", "two"):
            shop = Shop.objects.create(slug=slug, name=slug, currency="GBP", timezone="Europe/London")
            Customer.objects.create(shop=shop, name=slug)
        assert sorted(Customer.objects.values_list("name", flat=True)) == ["one", "two"]


@pytest.mark.django_db(databases=["platform"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE shops_auditentry SET action = 'nothing'",
        "DELETE FROM shops_auditentry",
        "DELETE FROM shops_audithead",
        "TRUNCATE shops_auditentry",
        "ALTER TABLE shops_auditentry DISABLE ROW LEVEL SECURITY",
    ],
)
def test_the_platform_only_adds_to_the_audit_log(sql):
    with platform_scope():
        shop = Shop.objects.create(slug="one", name="one", currency="GBP", timezone="Europe/London")
        record("thing.done", shop, by=None, shop_id=shop.pk)
        refuse("permission denied|must be owner", sql, alias="platform")
        assert AuditEntry.objects.get().action == "thing.done"


@pytest.mark.django_db(transaction=True, databases=["default", "platform", "owner"])
def test_the_web_cannot_change_staff(stranger):
    with platform_scope():
        staff = User.objects.create_superuser("staff@example.com", "correct horse battery")
    assert User.objects.filter(pk=staff.pk).update(password="known") == 0


# Mutants: the guard is taken out, the database must hold alone.

PAGES = [
    lambda: list(Customer.all_shops.filter(name__contains="canary")),
    lambda: list(Order.all_shops.select_related("customer").prefetch_related("lines")),
    lambda: list(Customer.all_shops.annotate(n=models.Count("notes")).filter(n__gte=1)),
    lambda: list(Customer.all_shops.filter(pk__in=Note.all_shops.values("customer"))),
    lambda: list(CustomerScore.all_shops.order_by("-net_minor")),
    lambda: list(Customer.objects.raw("SELECT * FROM customers_customer")),
    lambda: list(Customer.all_shops.filter(pk=1).union(Customer.all_shops.all())),
]


@pytest.mark.parametrize("page", PAGES)
def test_query_without_its_guard_still_finds_no_foreign_row(page, both, shop):
    with shop_scope(shop):
        rows = page()
        assert {row.shop_id for row in rows} == {shop.pk}


def test_models_stripped_of_the_guard_still_find_no_foreign_row(both, shop, monkeypatch):
    """The manager's filter itself is removed, as a careless change would do it."""
    monkeypatch.setattr("crm.tenancy.scope.ShopManager.get_queryset", models.Manager.get_queryset)
    with shop_scope(shop):
        for model in TENANT_MODELS:
            assert {row.shop_id for row in model.objects.all()} == {shop.pk}
    assert [model for model in TENANT_MODELS if model.objects.exists()] == []


def test_search_function_raises_without_a_scope(both):
    refuse("no shop in scope", "SELECT search_customers(ARRAY['can'], 10)")


def test_search_function_finds_the_scope_only(both, shop, other_shop):
    mine, theirs = both
    with shop_scope(shop):
        assert run("SELECT search_customers(ARRAY['can'], 10)") == [(mine[Customer].pk,)]
        assert run("SELECT search_customers(ARRAY['canary-other'], 10)") == []
    with shop_scope(other_shop):
        assert run("SELECT search_customers(ARRAY['can'], 10)") == [(theirs[Customer].pk,)]
