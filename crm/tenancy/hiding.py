"""What the role of whoever asks may not see: contacts, wherever they stand.

The guard sits in the columns that can hold a contact: where contacts are hidden, reading such a column through the ORM
gives the masked text, in every page, list, title and file. Doors say for whom they hide (ShopMiddleware by the role, an
export by its asker's); the worker, keys and the platform see everything.

Reading is all it changes. Conditions and orders in SQL see the whole value, so a search, filter or sort over such a
column must look at what may be seen: customers/finding.py and customers/queries.py show how.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import models

from crm.lib.masking import masked_text

if TYPE_CHECKING:  # The parameters exist in the stubs alone.

    class _CharField(models.CharField[str, str]): ...

    class _TextField(models.TextField[str, str]): ...

    class _IPAddressField(models.GenericIPAddressField[str | None, str | None]): ...
else:
    _CharField, _TextField, _IPAddressField = models.CharField, models.TextField, models.GenericIPAddressField

_are_hidden: ContextVar[bool] = ContextVar("contacts_hidden", default=False)


@contextmanager
def contacts_hidden(are_hidden: bool) -> Iterator[None]:
    """While it lasts contacts are masked, or not; an inner one has the last word."""
    token = _are_hidden.set(are_hidden)
    try:
        yield
    finally:
        _are_hidden.reset(token)


def are_contacts_hidden() -> bool:
    return _are_hidden.get()


def seen(text: str) -> str:
    """The text as whoever asks may see it."""
    return masked_text(text) if text and _are_hidden.get() else text


def seen_within(value: Any) -> Any:
    """The same for every text inside lists and dicts."""
    if isinstance(value, str):
        return seen(value)
    if isinstance(value, list):
        return [seen_within(each) for each in value]
    return {name: seen_within(each) for name, each in value.items()} if isinstance(value, dict) else value


class MaskedCharField(_CharField):
    """A text that can hold a contact: a name, a number, a word of the shop's own."""

    def from_db_value(self, value: str, expression: Any, connection: Any) -> str:
        return seen(value)

    def deconstruct(self) -> Any:
        return _plain(self, models.CharField)


class MaskedTextField(_TextField):
    """The same, without a bound of length."""

    def from_db_value(self, value: str, expression: Any, connection: Any) -> str:
        return seen(value)

    def deconstruct(self) -> Any:
        return _plain(self, models.TextField)


class MaskedJSONField(models.JSONField):
    """The same for texts inside JSON."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return seen_within(super().from_db_value(value, expression, connection))

    def deconstruct(self) -> Any:
        return _plain(self, models.JSONField)


class MaskedIPAddressField(_IPAddressField):
    """An address of a person's machine, of which nothing is shown."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if _are_hidden.get() else value

    def deconstruct(self) -> Any:
        return _plain(self, models.GenericIPAddressField)


class MaskedGeneratedField(models.GeneratedField):
    """The same for a text that the database makes of others."""

    def from_db_value(self, value: str, expression: Any, connection: Any) -> str:
        return seen(value)

    def deconstruct(self) -> Any:
        return _plain(self, models.GeneratedField)


def _plain(field: "models.Field[Any, Any]", kind: "type[models.Field[Any, Any]]") -> tuple[str, str, Any, Any]:
    """Migrations know the plain field, as the database does."""
    name, _, args, kwargs = kind.deconstruct(field)
    return name, f"django.db.models.{kind.__name__}", args, kwargs
