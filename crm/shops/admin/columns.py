"""Columns of Django admin for what a bare field shows badly: money in minor units, ids of other rows."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils.html import format_html

from crm.lib.money import format_money
from crm.ui import formats

NOTHING = "-"  # as Django shows it
Column = Callable[[Any], str]


def amount(model: type[models.Model], name: str) -> Column:
    """Money as people write it, in the row's own currency or its shop's."""

    def shown(row: Any) -> str:
        minor = getattr(row, name)
        if minor is None:
            return NOTHING
        in_shops = name == "revenue_minor" or not hasattr(row, "currency")
        return format_money(minor, row.shop.currency if in_shops else row.currency, formats.language())

    return _named(shown, model, name)


def amount_of_line(model: type[models.Model], name: str, parent: str) -> Column:
    """Money of a line, in the currency of what it is a line of. `parent` is to be fetched with the lines."""

    def shown(row: Any) -> str:
        return format_money(getattr(row, name), getattr(row, parent).currency, formats.language())

    return _named(shown, model, name)


def link(model: type[models.Model], name: str) -> Column:
    """The id of another row, which leads to it; the row itself is not read."""
    target: Any = model._meta.get_field(name).related_model
    url = f"admin:{target._meta.app_label}_{target._meta.model_name}_change"

    def shown(row: Any) -> str:
        pk = getattr(row, f"{name}_id")
        return NOTHING if pk is None else format_html('<a href="{}">{}</a>', reverse(url, args=[pk]), pk)

    return _named(shown, model, name)


def _named(shown: Column, model: type[models.Model], name: str) -> Column:
    field: Any = model._meta.get_field(name)
    shown.__name__ = name  # Django asks for it: also for the help text, and for the class of the cell.
    return admin.display(description=field.verbose_name)(shown)
