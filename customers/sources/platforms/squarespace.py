"""Squarespace, "Export orders": one row a line item; what is of the order, also its day, is on its first row only."""

from .base import Platform

SQUARESPACE = Platform(
    name="squarespace",
    title="Squarespace",
    signature=(
        ("Order ID",),
        ("Financial Status",),
        ("Lineitem price",),
        ("Lineitem quantity",),
        ("Channel Type", "Amount Refunded"),
    ),
    columns={
        "order_id": ("Order ID",),
        "ordered_at": ("Created at", "Paid at"),
        "email": ("Email",),
        "phone": ("Billing Phone",),
        "name": ("Billing Name", "Shipping Name"),
        "city": ("Billing City", "Shipping City"),
        "country": ("Billing Country", "Shipping Country"),
        "product_id": ("Lineitem sku", "Lineitem name"),
        "product_name": ("Lineitem name",),
        "quantity": ("Lineitem quantity",),
        "unit_price": ("Lineitem price",),
        "currency": ("Currency",),
        "status": ("Financial Status",),
        "order_discount": ("Discount Amount",),
        "subtotal": ("Subtotal",),
        "shipping": ("Shipping",),
        "tax": ("Taxes",),
        "order_total": ("Total",),
        "refunded": ("Amount Refunded",),
    },
    per={"order_discount": "order", "shipping": "order", "tax": "order", "refunded": "order"},
    decimal=".",
    notes="Orders that were cancelled without being paid are known by their state alone.",
)
