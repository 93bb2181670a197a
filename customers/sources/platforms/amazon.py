"""Amazon: the flat files of orders and of fulfilled shipments, one row an item, the same headings in all countries."""

from .base import Platform

AMAZON = Platform(
    name="amazon",
    title="Amazon",
    signature=(("amazon-order-id", "order-id"), ("purchase-date",), ("sku",), ("item-price",), ("item-tax",)),
    columns={
        "order_id": ("amazon-order-id", "order-id"),
        "ordered_at": ("purchase-date",),
        # An address of Amazon's own for each buyer: it stays theirs over all their orders with one seller.
        "email": ("buyer-email",),
        "phone": ("buyer-phone-number",),
        "name": ("buyer-name", "recipient-name"),
        "city": ("ship-city",),
        "country": ("ship-country",),
        "product_id": ("sku",),
        "product_name": ("product-name",),
        "quantity": ("quantity", "quantity-purchased", "quantity-shipped"),
        # Of all pieces of the row, not of one; empty where it was cancelled.
        "line_total": ("item-price",),
        "discount": ("item-promotion-discount",),
        "currency": ("currency",),
        # An order may be shipped while one of its items was cancelled.
        "status": ("item-status", "order-status"),
        "shipping": ("shipping-price",),
        "tax": ("item-tax",),
    },
    addresses={
        "address.shipping.recipient": ("recipient-name",),
        "address.shipping.line1": ("ship-address-1",),
        "address.shipping.line2": ("ship-address-2+ship-address-3",),
        "address.shipping.city": ("ship-city",),
        "address.shipping.region": ("ship-state",),
        "address.shipping.postcode": ("ship-postal-code",),
        "address.shipping.country": ("ship-country",),
        "address.shipping.phone": ("ship-phone-number",),
    },
    plus={"shipping": ("gift-wrap-price",), "tax": ("shipping-tax", "gift-wrap-tax")},
    minus={"shipping": ("ship-promotion-discount",)},
    statuses={
        "Pending": "pending",
        "PendingAvailability": "pending",
        "InvoiceUnconfirmed": "pending",
        "Unshipped": "paid",
        "PartiallyShipped": "paid",
        "Shipping": "paid",
        "Complete": "fulfilled",
        "Shipped": "fulfilled",
        "Shipped - Delivered to Buyer": "fulfilled",
        "Shipped - Picked Up": "fulfilled",
        "Shipped - Out for Delivery": "fulfilled",
        "Shipped - Returned to Seller": "fulfilled",
        "Shipped - Returning to Seller": "fulfilled",
        "Shipped - Rejected by Buyer": "fulfilled",
        "Shipped - Lost in Transit": "fulfilled",
        "Shipped - Damaged": "fulfilled",
        "Shipped - Undeliverable": "fulfilled",
        "Pending - Waiting for Pick Up": "paid",
        "Cancelled": "cancelled",
        "Unfulfillable": "cancelled",
    },
    per={"shipping": "row", "tax": "row", "status": "row"},
    decimal=".",
    line_totals="gross",
    customers="none",
    # Elsewhere prices are shown, and reported, with tax.
    taxed=("USD", "CAD"),
    notes=(
        "Times are in UTC or have an offset. Only reports made for the shop's own shipping say who the buyer is; "
        "without them orders are of nobody known. Refunds are in other reports."
    ),
)
