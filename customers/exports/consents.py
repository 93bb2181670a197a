"""The columns of the file of customers that hold consents, as they are read in again: what counts, and since when."""

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy as _

from crm.lib.postgres.expressions import AnyOf
from crm.lib.spreadsheets import Value
from crm.lib.sql import statement
from crm.shops.models import Shop
from crm.tenancy.scope import current_shop_id
from customers.consent.channels import CHANNELS, purposes_asked
from customers.domain.consent import UNDATED
from customers.exports.customers import Cells, MoreColumns
from customers.exports.labels import ColumnGroup, ColumnLabel
from customers.models import Consent
from customers.sources.fields import CONSENT

Pair = tuple[str, str]  # channel, purpose


def _pairs() -> list[Pair]:
    """Those of which any customer of the shop in scope has said anything."""
    asked = [(channel.name, purpose) for channel in CHANNELS for purpose in purposes_asked()]
    channels, purposes = zip(*asked, strict=True)
    with connections["default"].cursor() as cursor:
        params: dict[str, Any] = {"shop_id": current_shop_id(), "channels": list(channels), "purposes": list(purposes)}
        cursor.execute(statement("customers", "consents_there"), params)
        there = set(cursor.fetchall())
    return [pair for pair in asked if pair in there]


def _group() -> ColumnGroup:
    labels, purposes = {channel.name: channel.label for channel in CHANNELS}, purposes_asked()
    columns: list[ColumnLabel] = []
    for channel, purpose in _pairs():
        name = f"{CONSENT}{channel}.{purpose}"
        words = {"channel": labels[channel], "purpose": purposes[purpose]}
        columns.append(ColumnLabel(name, _("%(channel)s: %(purpose)s") % words))
        columns.append(ColumnLabel(f"{name}.at", _("%(channel)s: %(purpose)s, since") % words))
    help_ = _("granted, withdrawn or pending; an import reads them. Blocked addresses are not exported.")
    return ColumnGroup(_("Consents"), tuple(columns), help_)


def _cells(ids: Sequence[int], shop: Shop) -> Cells:
    pairs = _pairs()
    said: dict[int, dict[Pair, tuple[Value, Value]]] = {}
    rows = Consent.objects.filter(AnyOf("customer_id", ids))
    for customer_id, channel, purpose, state, at in rows.values_list(
        "customer_id", "channel", "purpose", "state", "at"
    ):
        since = None if at == UNDATED else at.astimezone(shop.zone)
        said.setdefault(customer_id, {})[channel, purpose] = (state, since)
    nothing = (None, None)
    return {pk: [cell for pair in pairs for cell in own.get(pair, nothing)] for pk, own in said.items()}


CONSENT_COLUMNS = MoreColumns("consents", _group, _cells)
