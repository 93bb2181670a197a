"""Which columns of a shop's tables hold personal data.

Most say it by their class: `Masked…Field`s (crm/tenancy/hiding.py), e-mail and IP addresses are personal; foreign keys
are keys; numbers, moments and choices are neither. All others, texts and JSON above all, are declared by an app, with a
reason; a date of a person's own, such as a birthday, has to be remembered.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import models

from crm.lib.registry import Registry
from crm.tenancy.hiding import MaskedCharField, MaskedGeneratedField, MaskedJSONField, MaskedTextField
from crm.tenancy.scope import ShopModel


class Kind(Enum):
    """What a column holds: something of a person, a key of a row, or neither."""

    PERSONAL = "personal"
    KEY = "key"
    OTHER = "other"


@dataclass(frozen=True)
class Column:
    """One declared column, by app, model and field: "customers.Order.currency"; why it is what it is."""

    name: str
    kind: Kind
    why: str


COLUMNS: Registry[Column] = Registry("declared column")

_PERSONAL = (
    MaskedCharField,
    MaskedGeneratedField,
    MaskedTextField,
    MaskedJSONField,
    models.EmailField,
    models.GenericIPAddressField,
)
_KEYS = (models.ForeignKey, models.AutoField, models.BigAutoField, models.UUIDField)
_OTHERS = (
    models.BooleanField,
    models.DateField,  # DateTimeField is one
    models.DecimalField,
    models.DurationField,
    models.FloatField,
    models.IntegerField,  # so are the small and the big ones
    models.TimeField,
)


def declare(model: type[ShopModel], kind: Kind, why: str, *names: str) -> None:
    """Register columns of one model that are of one kind for one reason. FieldDoesNotExist for a wrong name."""
    for name in names:
        COLUMNS.register(Column(column_name(model._meta.get_field(name)), kind, why))


def column_name(field: Any) -> str:
    return f"{field.model._meta.label}.{field.name}"


def kind_of(field: "models.Field[Any, Any]") -> Kind | None:
    """What a column of a shop's table holds: as declared, else by its class; None where neither says."""
    if declared := COLUMNS.get(column_name(field)):
        return declared.kind
    if isinstance(field, _PERSONAL):
        return Kind.PERSONAL
    if isinstance(field, _KEYS):
        return Kind.KEY
    return Kind.OTHER if field.choices or isinstance(field, _OTHERS) else None


def personal_columns(model: type[ShopModel]) -> list[str]:
    """The names of the model's columns that hold something of a person."""
    return [field.name for field in model._meta.concrete_fields if kind_of(field) is Kind.PERSONAL]
