"""What the fields of a file are called."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.attributes import definitions
from customers.domain.addresses import PARTS
from customers.models import Address
from customers.sources.fields import ATTRIBUTE, MORE_ADDRESSES, postal_field, postal_of

KIND_LABELS = {
    "orders": _("A list of orders"),
    "customers": _("A list of customers"),
    "products": _("A list of products"),
    "suppressions": _("A list of addresses not to be written to"),
}
POLICY_LABELS = {
    "fill": _("fill in where it is empty"),
    "overwrite": _("the file counts"),
    "keep": _("keep what is here"),
}
ADDING_LABELS = {"fill": _("add to what is here"), "keep": POLICY_LABELS["keep"]}  # where a customer can have several
MATCH_LABELS = {
    "auto": _("by number, else by e-mail, else by phone"),
    "customer_id": _("by customer number"),
    "email": _("by e-mail"),
    "phone": _("by phone"),
    "product_id": _("by product number"),
    "product_name": _("by product name"),
}
LABELS = {
    "order_id": _("Order number"),
    "ordered_at": _("Date of the order"),
    "customer_id": _("Customer number"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "name": pgettext_lazy("of a person", "Name"),
    "city": _("City"),
    "country": _("Country"),
    "product_id": _("Product number"),
    "product_name": _("Product name"),
    "quantity": _("Quantity"),
    "unit_price": _("Price of one"),
    "currency": _("Currency"),
    "discount": _("Discount of the line"),
    "status": _("Status of the order"),
    "line_total": _("Amount of the line"),
    "order_discount": _("Discount of the order"),
    "subtotal": _("Subtotal of the order"),
    "shipping": _("Shipping"),
    "tax": _("Tax on top"),
    "order_total": _("Total of the order"),
    "refunded": _("Amount refunded"),
    "refunded_at": _("Date of the refund"),
    "refund_of": _("Order that a refund is of"),
    "tags": _("Tags"),
    "brand": _("Brand"),
    "price": _("Price"),
    "cost": _("Cost"),
    "categories": _("Categories"),
    "reason": _("Why it is not written to"),
    "suppressed_at": _("Since when it is not written to"),
    "birthday": _("Birthday"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "company": _("Company"),
    "kind": _("Relation"),
    "minor": _("Minor"),
    "do_not_profile": _("Do not profile"),
}


# What a part of a postal address is called where its type stands above.
POSTAL_PART_LABELS = {each.name: each.verbose_name for each in Address._meta.concrete_fields if each.name in PARTS}


def _postal_labels() -> dict[str, Promise]:
    labels: dict[str, Promise] = {MORE_ADDRESSES: _("More addresses")}
    for kind in Address.Type:
        labels[postal_of(kind)] = format_lazy(_("{type} address"), type=kind.label)
        for part in PARTS:
            labels[postal_field(kind, part)] = format_lazy(
                _("{type} address: {part}"), type=kind.label, part=POSTAL_PART_LABELS[part]
            )
    return labels


# What columns of postal addresses are called, and all addresses of a type.
POSTAL_LABELS = _postal_labels()


def attribute_labels() -> dict[str, str]:
    """Field → what it is called, of the attributes of the shop in scope; without archived ones."""
    return {f"{ATTRIBUTE}{each.key}": each.label for each in definitions().current}
