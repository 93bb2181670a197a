"""Etsy: "Sold Order Items" (one row an item) and "Sold Orders" (one row an order), in American and British English.

Etsy writes English headings in all languages, and dates with the month first everywhere. Its days are the shop's.
"""

from .base import Platform

ETSY_ITEMS = Platform(
    name="etsy-items",
    title="Etsy (items)",
    signature=(("Sale Date",), ("Item Name",), ("Price",), ("Transaction ID",), ("Listing ID",), ("Order ID",)),
    columns={
        "order_id": ("Order ID",),
        "ordered_at": ("Sale Date",),
        # The name of the account, which nobody else has.
        "customer_id": ("Buyer",),
        "name": ("Ship Name", "Delivery Name"),
        "city": ("Ship City", "Delivery City"),
        "country": ("Ship Country", "Delivery Country"),
        "product_id": ("SKU", "Listing ID"),
        "product_name": ("Item Name",),
        "quantity": ("Quantity",),
        # Of one. "Item Total" is of all pieces, before the discount.
        "unit_price": ("Price",),
        "discount": ("Discount Amount",),
        "currency": ("Currency",),
        # The order's, on one of its rows or on each.
        "shipping": ("Order Shipping", "Order Delivery"),
        "tax": ("Order Sales Tax",),
    },
    addresses={
        "address.shipping.recipient": ("Ship Name", "Delivery Name"),
        "address.shipping.line1": ("Ship Address1", "Delivery Address1"),
        "address.shipping.line2": ("Ship Address2", "Delivery Address2"),
        "address.shipping.city": ("Ship City", "Delivery City"),
        "address.shipping.region": ("Ship State", "Delivery State"),
        "address.shipping.postcode": ("Ship Zipcode", "Delivery Zipcode"),
        "address.shipping.country": ("Ship Country", "Delivery Country"),
    },
    minus={"shipping": ("Shipping Discount", "Delivery Discount")},
    per={"shipping": "order", "tax": "order"},
    tax="on_top",
    date_order="mdy",
    paid_at=("Date Paid",),
    notes="VAT that Etsy collects is no part of the file. Refunds are in the payments, not here.",
)

ETSY = Platform(
    name="etsy",
    title="Etsy",
    signature=(("Sale Date",), ("Order ID",), ("Buyer User ID",), ("Order Value",), ("Order Total",)),
    columns={
        "order_id": ("Order ID",),
        "ordered_at": ("Sale Date",),
        "customer_id": ("Buyer User ID",),
        "name": ("Full Name", "First Name+Last Name"),
        "city": ("Ship City", "Delivery City"),
        "country": ("Ship Country", "Delivery Country"),
        "quantity": ("Number of Items",),
        "currency": ("Currency",),
        "status": ("Status",),
        "shipping": ("Shipping", "Delivery"),
        "tax": ("Sales Tax",),
        # With shipping and tax. "Order Net" is after Etsy's fees.
        "order_total": ("Order Total",),
    },
    addresses={
        "address.shipping.recipient": ("Full Name", "First Name+Last Name"),
        "address.shipping.line1": ("Street 1",),
        "address.shipping.line2": ("Street 2",),
        "address.shipping.city": ("Ship City", "Delivery City"),
        "address.shipping.region": ("Ship State", "Delivery State"),
        "address.shipping.postcode": ("Ship Zipcode", "Delivery Zipcode"),
        "address.shipping.country": ("Ship Country", "Delivery Country"),
    },
    per={"shipping": "order", "tax": "order"},
    date_order="mdy",
    paid_at=("Date Paid",),
    notes="An adjusted total (a refund) is 0 both where nothing and where all was given back: it is not read.",
)
