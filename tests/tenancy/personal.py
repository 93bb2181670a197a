"""The gates of personal data: each returns its complaints, one sentence each; [] satisfies it.

tests/tenancy/test_personal_data.py runs them, and breaks each rule once to see it bite.
"""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from crm.tenancy.scope import ShopModel
from customers.models import Customer
from customers.personal_data import COLUMNS, PERSONAL_DATA, CustomerRows, Delete, Keep, Reassign
from customers.personal_data.columns import column_name, kind_of, personal_columns
from customers.personal_data.registry import unique_beside
from tests.tenancy.catalog import tenant_tables

# A foreign key with all its columns, but for the shop's.
FOREIGN_KEYS = """
    SELECT k.conrelid::regclass::text, a.attname::text, k.confrelid::regclass::text
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
    WHERE k.contype = 'f' AND a.attname <> 'shop_id'
"""
COLUMNS_OF_TABLES = """
    SELECT c.relname, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relname = ANY (%s) AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""


def items():
    return [item for item in PERSONAL_DATA if isinstance(item, CustomerRows)]


def steps(item):
    """The columns of the item's own table from which its paths start."""
    for path in item.paths:
        yield item.model._meta.get_field(path.partition("__")[0]).column if path != "pk" else "id"


def rows_of_customers_are_registered(cursor):
    """What points at a customer, or at rows that belong to one, by the models and by the database's foreign keys."""
    cursor.execute(FOREIGN_KEYS)
    keys = set(cursor.fetchall())
    for model in shop_models():
        for field in model._meta.concrete_fields:
            if field.related_model is not None and field.name != "shop":
                keys.add((model._meta.db_table, field.column, field.related_model._meta.db_table))
    registered = {(item.model._meta.db_table, column) for item in items() for column in steps(item)}
    people = {item.model._meta.db_table for item in items()} | {Customer._meta.db_table}
    return [
        f"{table}: {column} points at {target}; register CustomerRows with a path over it"
        for table, column, target in sorted(keys)
        if target in people and (table, column) not in registered
    ]


def paths_lead_to_a_customer(cursor):
    complaints = []
    for item in items():
        for path in item.paths:
            model = item.model
            for step in path.split("__") if path != "pk" else ():
                model = model._meta.get_field(step).related_model
            if model is not Customer:
                complaints.append(f"{item.name}: {path} leads to {model._meta.label}, not to a customer")
    return complaints


def columns_are_declared(cursor):
    """A column that its class does not tell of, one that no model has, and a declaration of none."""
    complaints, known = [], set()
    for model in shop_models():
        for field in model._meta.concrete_fields:
            known.add((model._meta.db_table, field.column))
            if kind_of(field) is None:
                complaints.append(f"{column_name(field)}: personal or not? declare() it, or make it a Masked…Field")
    cursor.execute(COLUMNS_OF_TABLES, [sorted(tenant_tables(cursor))])
    complaints += [f"{table}.{column} is in no model" for table, column in sorted(set(cursor.fetchall()) - known)]
    return complaints + [f"{name} is declared, but there is none" for name in sorted(_declared_wrongly())]


def shop_models():
    return [model for model in apps.get_models() if issubclass(model, ShopModel) and model._meta.managed]


def _declared_wrongly():
    for declared in COLUMNS:
        try:
            apps.get_model(declared.name.rpartition(".")[0])._meta.get_field(declared.name.rpartition(".")[2])
        except (LookupError, FieldDoesNotExist):
            yield declared.name


def personal_columns_are_given_out(cursor):
    return [
        f"{item.name}: {column} is personal, but not given out"
        for item in items()
        for column in personal_columns(item.model)
        if column not in item.form.names and not isinstance(item.model._meta.get_field(column), models.BinaryField)
    ]


def personal_columns_are_erased(cursor):
    """Where rows stay, each personal column is set to something else, or stays for a reason that is written down."""
    return [
        f"{item.name}: {column} is personal, and stays"
        for item in items()
        if isinstance(item.erasure, Keep)
        for column in personal_columns(item.model)
        if column not in item.erasure.but.keys() | item.erasure.with_columns.keys()
    ]


def kept_rows_lose_their_customer(cursor):
    """Or deleting the customer would take them along."""
    return [
        f"{item.name}: {path} is not set to None"
        for item in items()
        if not isinstance(item.erasure, Delete)
        for path in item.paths
        if "__" not in path and (path not in item.erasure.but or item.erasure.but[path] is not None)
    ]


def unique_keys_can_be_kept(cursor):
    complaints = []
    for item in items():
        if isinstance(item.moving, Reassign):
            for path in item.paths:
                try:
                    if "__" not in path:
                        unique_beside(item.model, path)
                except ValueError as error:
                    complaints.append(f"{item.name}: {error}")
    return complaints


GATES = (
    rows_of_customers_are_registered,
    paths_lead_to_a_customer,
    columns_are_declared,
    personal_columns_are_given_out,
    personal_columns_are_erased,
    kept_rows_lose_their_customer,
    unique_keys_can_be_kept,
)
