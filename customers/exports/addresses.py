"""The columns of the file of customers that hold addresses: of each type that shops send to, the first."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from crm.lib.spreadsheets import Value
from crm.shops.models import Shop
from customers.addresses import addresses_of
from customers.domain.addresses import BILLING, PARTS, SHIPPING
from customers.exports.customers import Cells, MoreColumns
from customers.exports.labels import ColumnGroup, ColumnLabel
from customers.models import Address

EXPORTED = (BILLING, SHIPPING)
LABELS = {field.name: field.verbose_name for field in Address._meta.concrete_fields}


def _group() -> ColumnGroup:
    columns = (
        ColumnLabel(
            f"address.{kind}.{name}",
            _("%(type)s address: %(part)s") % {"type": Address.Type(kind).label, "part": LABELS[name]},
        )
        for kind in EXPORTED
        for name in PARTS
    )
    return ColumnGroup(_("Addresses"), tuple(columns), _("Of several of a type the first."))


def _cells(ids: Sequence[int], shop: Shop) -> Cells:
    return {
        pk: [cell for kind in EXPORTED for cell in _parts({each.address.type: each.address for each in own}.get(kind))]
        for pk, shown in addresses_of(ids).items()
        if (own := [each for each in shown if each.is_first])
    }


def _parts(address: Address | None) -> list[Value]:
    return [getattr(address, name, None) or None for name in PARTS]


ADDRESS_COLUMNS = MoreColumns("addresses", _group, _cells)
