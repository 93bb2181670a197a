"""Filters and columns of the list of customers by the shop's own attributes, which no class can name beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.shops.models import Shop
from customers.attributes import Known, definitions
from customers.domain.attributes import BOOLEAN, DATE, NUMBER, WITH_CHOICES
from customers.filters import DAY_INPUT, CustomerFilters
from customers.models import AttributeDefinition, AttributeValue, Customer

YES_OR_NO = [("yes", _("Yes")), ("no", _("No"))]


@dataclass(frozen=True)
class AttributeField:
    """The filters of one attribute in the form: one list of choices, or two ends. type: of their inputs."""

    label: str
    fields: list[BoundField]
    type: str = ""

    @property
    def is_list(self) -> bool:
        return len(self.fields) == 1


class AttributeFilters(CustomerFilters):
    """`attribute_<id>`: choices, or yes or no; with `_from` and `_to` days, with `_min` and `_max` numbers."""

    def __init__(self, data: QueryDict | None, *, shop: Shop) -> None:
        super().__init__(data, shop=shop)
        for definition in self.attributes.current:
            for name, own in _filters(definition, self.attributes):
                own.parent, own.model, own.field_name = self, Customer, name
                self.filters[name] = own

    @cached_property
    def attributes(self) -> Known:
        return definitions()

    def attribute_fields(self) -> list[AttributeField]:
        """Those that can be asked for, in the order of the attributes."""
        found = []
        for definition in self.attributes.current:
            names = [name for name, _ in _filters(definition, self.attributes)]
            if names:
                fields = [self.form[name] for name in names]
                found.append(AttributeField(definition.label, fields, "date" if definition.type == DATE else "number"))
        return found


class _OfValues:
    """Who has a value of the attribute for which `column` is so: an index says it, not a look at each customer."""

    definition_id: int
    lookup: str

    def filter(self, rows: QuerySet[Customer], value: Any) -> QuerySet[Customer]:
        if value in (None, "", []):
            return rows
        having = AttributeValue.objects.filter(definition_id=self.definition_id, **{self.lookup: self.read(value)})
        return rows.filter(pk__in=having.values("customer_id"))

    def read(self, value: Any) -> Any:
        return value


class ChoiceOf(_OfValues, django_filters.TypedMultipleChoiceFilter):  # type: ignore[misc]  # django-filter has no types
    lookup = "choice_id__in"


class YesOrNoOf(_OfValues, django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    lookup = "boolean_value__in"

    def read(self, value: Any) -> Any:
        return [word == "yes" for word in value]


class NumberOf(_OfValues, django_filters.NumberFilter):  # type: ignore[misc]
    def read(self, value: Any) -> Any:
        return float(value)


class DayOf(_OfValues, django_filters.DateFilter):  # type: ignore[misc]
    pass


ENDS: dict[str, tuple[type[Any], str, dict[str, str], dict[str, Any]]] = {
    NUMBER: (NumberOf, "number_value", {"min": "gte", "max": "lte"}, {}),
    DATE: (DayOf, "date_value", {"from": "gte", "to": "lte"}, {"widget": DAY_INPUT}),
}
END_LABELS = {
    "min": _("%(label)s at least"),
    "max": _("%(label)s at most"),
    "from": _("%(label)s from"),
    "to": _("%(label)s until"),
}


def _filters(definition: AttributeDefinition, known: Known) -> Iterator[tuple[str, Any]]:
    """(name, filter) of each that an attribute has; texts and dates of every year have none."""
    name = f"attribute_{definition.pk}"
    if definition.type in WITH_CHOICES:
        choices = [(choice.pk, choice.label) for choice in definition.choices.all()]
        yield name, _made(ChoiceOf, definition, label=definition.label, coerce=int, choices=choices)
    elif definition.type == BOOLEAN:
        yield name, _made(YesOrNoOf, definition, label=definition.label, choices=YES_OR_NO)
    elif definition.type in ENDS:
        kind, column, ends, more = ENDS[definition.type]
        for end, lookup in ends.items():
            label = END_LABELS[end] % {"label": definition.label}
            yield f"{name}_{end}", _made(kind, definition, lookup=f"{column}__{lookup}", label=label, **more)


def _made(kind: type[Any], definition: AttributeDefinition, *, lookup: str = "", **said: Any) -> Any:
    made = kind(**said)
    made.definition_id = definition.pk
    if lookup:
        made.lookup = lookup
    return made
