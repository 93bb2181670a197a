"""The columns of the file of customers that say what records say of the person, as they are read in again."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from crm.lib.postgres.expressions import AnyOf
from crm.lib.spreadsheets import Value
from crm.shops.models import Shop
from customers.exports.customers import Cells, MoreColumns
from customers.exports.labels import ColumnGroup, ColumnLabel
from customers.imports.labels import LABELS
from customers.models import Customer

YES = "yes"


def _cells(ids: Sequence[int], shop: Shop) -> Cells:
    return {customer.pk: _row(customer) for customer in Customer.objects.filter(AnyOf("pk", ids))}


def _row(customer: Customer) -> list[Value]:
    said = (customer.birthday, customer.language, customer.time_zone, customer.company)
    flags = (customer.is_minor, customer.do_not_profile)
    return [*(text or None for text in said), customer.kind_key, *(YES if is_so else None for is_so in flags)]


PROFILE_COLUMNS = MoreColumns(
    "profile",
    ColumnGroup(
        _("About the person"),
        (
            ColumnLabel("birthday", LABELS["birthday"], _("as 1990-05-17, or --05-17 without a year")),
            ColumnLabel("language", LABELS["language"], _("as a code, such as zh-Hans")),
            ColumnLabel("time_zone", LABELS["time_zone"], _("where the customer's own is known")),
            ColumnLabel("company", LABELS["company"]),
            ColumnLabel("kind", LABELS["kind"], _("by its key, such as wholesale")),
            ColumnLabel("minor", LABELS["minor"], _("yes, or empty")),
            ColumnLabel("do_not_profile", LABELS["do_not_profile"], _("yes, or empty")),
        ),
    ),
    _cells,
)
