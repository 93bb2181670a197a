"""The gates of personal data hold, and each of them bites: its twin breaks the rule and is named."""

from dataclasses import replace

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from django.test.utils import isolate_apps

from crm.lib.registry import Registry
from crm.tenancy.scope import ShopModel
from customers.models import Customer, Order
from customers.personal_data import COLUMNS, PERSONAL_DATA, Column, Keep
from customers.personal_data.columns import Kind
from tests.tenancy import personal

pytestmark = pytest.mark.django_db(databases=["owner"])


@pytest.fixture
def cursor():
    with connections["owner"].cursor() as cursor:
        yield cursor


@pytest.fixture
def without(monkeypatch):
    """The list without one item, or with another in its place."""

    def changed(name, *instead):
        items = Registry("kind of personal data")
        for item in [item for item in PERSONAL_DATA if item.name != name] + list(instead):
            items.register(item)
        monkeypatch.setattr(personal, "PERSONAL_DATA", items)

    return changed


@pytest.fixture
def beside(monkeypatch):
    """A toy model beside ours; its table is in no database."""

    def added(model):
        ours = personal.shop_models()
        monkeypatch.setattr(personal, "shop_models", lambda: [*ours, model])

    return added


def toy(**fields):
    meta = type("Meta", (ShopModel.Meta,), {"app_label": "customers", "default_related_name": "toys"})
    return type("Toy", (ShopModel,), fields | {"Meta": meta, "__module__": __name__})


@pytest.mark.parametrize("gate", personal.GATES, ids=lambda gate: gate.__name__)
def test_gate_finds_nothing(gate, cursor):
    assert gate(cursor) == []


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (item.name, f"{item.model._meta.db_table}: {column} points at")
        for item in personal.items()
        if item.model is not Customer
        for column in personal.steps(item)
    ],
)
def test_a_model_that_is_not_registered_is_named(name, complaint, cursor, without):
    without(name)
    assert complaint in "\n".join(personal.rows_of_customers_are_registered(cursor))


@isolate_apps("customers")
def test_a_new_model_that_points_at_a_customer_is_named(cursor, beside):
    beside(toy(buyer=models.ForeignKey(Customer, models.CASCADE)))
    assert personal.rows_of_customers_are_registered(cursor) == [
        "customers_toy: buyer_id points at customers_customer; register CustomerRows with a path over it"
    ]


@isolate_apps("customers")
def test_a_new_part_of_an_order_is_named(cursor, beside):
    beside(toy(order=models.ForeignKey(Order, models.CASCADE)))
    assert personal.rows_of_customers_are_registered(cursor) == [
        "customers_toy: order_id points at customers_order; register CustomerRows with a path over it"
    ]


@pytest.mark.parametrize("target", ["customers_customer", "customers_note"])
def test_a_foreign_key_that_no_model_knows_is_named(target, cursor):
    cursor.execute(
        "CREATE TABLE leak (shop_id bigint NOT NULL, who bigint,"
        f" FOREIGN KEY (shop_id, who) REFERENCES {target} (shop_id, id))"
    )
    assert personal.rows_of_customers_are_registered(cursor) == [
        f"leak: who points at {target}; register CustomerRows with a path over it"
    ]


def test_a_second_foreign_key_of_a_registered_model_is_named(cursor):
    cursor.execute(
        "ALTER TABLE customers_note ADD COLUMN about_id bigint, ADD FOREIGN KEY (shop_id, about_id)"
        " REFERENCES customers_customer (shop_id, id) NOT VALID"
    )
    assert personal.rows_of_customers_are_registered(cursor) == [
        "customers_note: about_id points at customers_customer; register CustomerRows with a path over it"
    ]


def test_a_path_that_ends_early_is_named(cursor, without):
    without("order_lines", replace(PERSONAL_DATA["order_lines"], paths=("order",)))
    assert personal.paths_lead_to_a_customer(cursor) == [
        "order_lines: order leads to customers.Order, not to a customer"
    ]


@pytest.mark.parametrize(
    "field",
    [
        models.CharField(max_length=9),
        models.TextField(),
        models.SlugField(),
        models.URLField(),
        models.JSONField(),
        models.FileField(),
        models.BinaryField(),
        ArrayField(models.TextField()),
    ],
    ids=lambda field: type(field).__name__,
)
def test_a_new_column_that_is_not_declared_is_named(field, cursor, beside):
    with isolate_apps("customers"):
        beside(toy(word=field))
    assert personal.columns_are_declared(cursor) == [
        "customers.Toy.word: personal or not? declare() it, or make it a Masked…Field"
    ]


@isolate_apps("customers")
def test_a_column_that_says_what_it_is_by_its_class_needs_no_declaration(cursor, beside):
    beside(
        toy(
            mail=models.EmailField(),
            choice=models.CharField(max_length=1, choices=[("a", "A")]),
            count=models.SmallIntegerField(),
            at=models.DateTimeField(),
        )
    )
    assert personal.columns_are_declared(cursor) == []


def test_a_column_that_no_model_knows_is_named(cursor):
    cursor.execute("ALTER TABLE customers_note ADD COLUMN leak text")
    assert personal.columns_are_declared(cursor) == ["customers_note.leak is in no model"]


@pytest.mark.parametrize("declaration", [item.name for item in COLUMNS])
def test_each_declaration_is_needed(declaration, cursor, monkeypatch):
    monkeypatch.delitem(COLUMNS._items, declaration)
    assert personal.columns_are_declared(cursor) == [
        f"{declaration}: personal or not? declare() it, or make it a Masked…Field"
    ]


def test_a_declaration_of_a_column_that_is_gone_is_named(cursor, monkeypatch):
    for name in ("customers.Note.gone", "customers.Gone.body"):
        monkeypatch.setitem(COLUMNS._items, name, Column(name, Kind.OTHER, "why"))
    assert personal.columns_are_declared(cursor) == [
        "customers.Gone.body is declared, but there is none",
        "customers.Note.gone is declared, but there is none",
    ]


def test_a_personal_column_that_is_not_given_out_is_named(cursor, without):
    notes = PERSONAL_DATA["notes"]
    without("notes", replace(notes, form=replace(notes.form, names=("created_at",))))
    assert personal.personal_columns_are_given_out(cursor) == [
        "notes: body is personal, but not given out",
        "notes: via is personal, but not given out",
    ]


def test_a_personal_column_that_is_not_erased_is_named(cursor, without):
    without("notes", replace(PERSONAL_DATA["notes"], erasure=Keep("why", but={"customer": None})))
    assert personal.personal_columns_are_erased(cursor) == [
        "notes: body is personal, and stays",
        "notes: via is personal, and stays",
    ]


def test_kept_rows_that_keep_their_customer_are_named(cursor, without):
    orders = PERSONAL_DATA["orders"]
    without("orders", replace(orders, erasure=replace(orders.erasure, but={"content_hash": b""})))
    assert personal.kept_rows_lose_their_customer(cursor) == ["orders: customer is not set to None"]


@isolate_apps("customers")
def test_a_unique_key_with_a_condition_is_named(cursor, without):
    model = toy(customer=models.ForeignKey(Customer, models.CASCADE), is_open=models.BooleanField())
    model._meta.constraints = [
        models.UniqueConstraint(fields=["shop", "customer"], name="once", condition=models.Q(is_open=True))
    ]
    without("notes", replace(PERSONAL_DATA["notes"], model=model))
    assert personal.unique_keys_can_be_kept(cursor) == [
        "notes: once is unique in a way that Reassign cannot keep; write a move for it."
    ]
