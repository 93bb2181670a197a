"""What the fields of a file are called."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
}
