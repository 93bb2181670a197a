"""The columns of the file of customers that hold addresses, as they are read in again.

Of each type that shops send to the first has columns of its own; all others are in one, as JSON.
"""

import json
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from crm.lib.spreadsheets import Value
from crm.shops.models import Shop
from customers.addresses import Shown, addresses_of
from customers.domain.addresses import BILLING, PARTS, SHIPPING
from customers.exports.customers import Cells, MoreColumns
from customers.exports.labels import ColumnGroup, ColumnLabel
from customers.imports.labels import POSTAL_LABELS
from customers.models import Address
from customers.sources.fields import MORE_ADDRESSES, postal_field

EXPORTED = (BILLING, SHIPPING)


def _group() -> ColumnGroup:
    fields = [postal_field(kind, part) for kind in EXPORTED for part in PARTS]
    columns = [ColumnLabel(field, POSTAL_LABELS[field]) for field in fields]
    more = ColumnLabel(MORE_ADDRESSES, POSTAL_LABELS[MORE_ADDRESSES], _("as JSON"))
    return ColumnGroup(_("Addresses"), (*columns, more), _("Of several of a type the first."))


def _cells(ids: Sequence[int], shop: Shop) -> Cells:
    return {pk: _row(shown) for pk, shown in addresses_of(ids).items()}


def _row(shown: Sequence[Shown]) -> list[Value]:
    first = {each.address.type: each.address for each in shown if each.is_first and each.address.type in EXPORTED}
    more = [_as_json(each.address) for each in shown if each.address not in first.values()]
    cells = [cell for kind in EXPORTED for cell in _parts(first.get(kind))]
    return [*cells, json.dumps(more, ensure_ascii=False) if more else None]


def _as_json(address: Address) -> dict[str, str]:
    """What it says, by its parts."""
    return {name: text for name in ("type", *PARTS) if (text := getattr(address, name))}


def _parts(address: Address | None) -> list[Value]:
    return [getattr(address, name, None) or None for name in PARTS]


ADDRESS_COLUMNS = MoreColumns("addresses", _group, _cells)
