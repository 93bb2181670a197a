"""Shopify, "Export orders": one row a line item; what is of the order stands on its first row only."""

from .base import Platform

SHOPIFY = Platform(
    name="shopify",
    title="Shopify",
    signature=(
        ("Name",),
        ("Financial Status",),
        ("Lineitem name", "Lineitem sku"),
        ("Lineitem price",),
        ("Lineitem quantity",),
    ),
    columns={
        # "Name" is the order's number (#1001). "Id" is a number of its own that only newer exports have.
        "order_id": ("Name",),
        "ordered_at": ("Created at",),
        "email": ("Email",),
        # The phone of who gets it is not the buyer's: of a gift it is somebody else's.
        "phone": ("Phone", "Billing Phone"),
        "name": ("Billing Name", "Shipping Name"),
        "city": ("Billing City", "Shipping City"),
        "country": ("Billing Country", "Shipping Country"),
        "product_id": ("Lineitem sku", "Lineitem name"),
        "product_name": ("Lineitem name",),
        "quantity": ("Lineitem quantity",),
        "unit_price": ("Lineitem price",),
        "currency": ("Currency",),
        "status": ("Financial Status",),
        # Off the order as a whole; "Lineitem discount" is a part of it that is not off the price.
        "order_discount": ("Discount Amount",),
        "subtotal": ("Subtotal",),
        "shipping": ("Shipping",),
        "tax": ("Taxes",),
        "order_total": ("Total",),
        "refunded": ("Refunded Amount",),
    },
    addresses={
        "address.shipping.recipient": ("Shipping Name",),
        "address.shipping.company": ("Shipping Company",),
        # "Shipping Street" is both lines in one.
        "address.shipping.line1": ("Shipping Address1", "Shipping Street"),
        "address.shipping.line2": ("Shipping Address2",),
        "address.shipping.city": ("Shipping City",),
        "address.shipping.region": ("Shipping Province Name", "Shipping Province"),
        "address.shipping.postcode": ("Shipping Zip",),
        "address.shipping.country": ("Shipping Country",),
        "address.shipping.phone": ("Shipping Phone",),
    },
    statuses={
        "authorized": "pending",
        "expired": "cancelled",
        "pending": "pending",
        "voided": "cancelled",
    },
    # Two orders can have one name: it starts again with the shop's prefix, and is typed in by apps.
    order_key=("Id",),
    per={"order_discount": "order", "shipping": "order", "tax": "order", "refunded": "order"},
    decimal=".",
    notes="Taxes are on top of the prices or within them, as the shop has set it: the total tells which.",
)
