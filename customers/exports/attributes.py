"""The columns of the file of customers that hold a shop's own attributes, as they are read in again."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from crm.lib.spreadsheets import Value
from crm.shops.models import Shop
from customers.attributes import Known, definitions, values_of
from customers.domain.attributes import DATE, NUMBER, Cells, as_text
from customers.exports.customers import Cells as Rows
from customers.exports.customers import MoreColumns
from customers.exports.labels import ColumnGroup, ColumnLabel
from customers.models import AttributeDefinition
from customers.sources.fields import ATTRIBUTE


def _group() -> ColumnGroup:
    columns = (ColumnLabel(f"{ATTRIBUTE}{definition.key}", definition.label) for definition in definitions().current)
    return ColumnGroup(_("Attributes"), tuple(columns))


def _cells(ids: Sequence[int], shop: Shop) -> Rows:
    known, values = definitions(), values_of(ids)
    return {pk: [_cell(each, values[pk].get(each.pk, ()), known) for each in known.current] for pk in ids}


def _cell(definition: AttributeDefinition, cells: Cells, known: Known) -> Value:
    if cells and definition.type == DATE:
        return cells[0].day
    if cells and definition.type == NUMBER:
        number = cells[0].number
        return int(number) if number is not None and number.is_integer() else number
    return as_text(definition.type, cells, known.labels) or None


ATTRIBUTE_COLUMNS = MoreColumns("attributes", _group, _cells)
