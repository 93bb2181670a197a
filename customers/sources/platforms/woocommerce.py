"""WooCommerce: the order exports of its plug-ins, and its own report "Analytics > Orders".

WooCommerce itself exports no orders; each plug-in has headings of its own. Prices are without tax: it comes on top. The
states are those that every file may use, with or without "wc-" before them.
"""

from .base import Platform

# Customer/Order CSV Export (one row an item), Order Export & Import (one row an order, its items in one column each).
WOOCOMMERCE = Platform(
    name="woocommerce",
    title="WooCommerce",
    signature=(("order_id", "order_number"), ("order_currency",), ("order_total",), ("billing_first_name",)),
    columns={
        "order_id": ("order_number", "order_id"),
        "ordered_at": ("order_date", "date"),
        # 0 for a guest.
        "customer_id": ("customer_id", "customer_user"),
        "email": ("customer_email", "billing_email"),
        "phone": ("billing_phone",),
        "name": ("billing_first_name+billing_last_name", "shipping_first_name+shipping_last_name"),
        "city": ("billing_city", "shipping_city"),
        "country": ("billing_country", "shipping_country"),
        "product_id": ("item_sku", "item_product_id"),
        "product_name": ("item_name",),
        "quantity": ("item_quantity",),
        # After the discount; "discount_total" says once more what came off.
        "line_total": ("item_total",),
        "currency": ("order_currency",),
        "status": ("status", "order_status"),
        "shipping": ("shipping_total",),
        "tax": ("tax_total",),
        "order_total": ("order_total",),
        "refunded": ("refunded_total",),
    },
    addresses={
        "address.shipping.recipient": ("shipping_first_name+shipping_last_name",),
        "address.shipping.company": ("shipping_company",),
        "address.shipping.line1": ("shipping_address_1",),
        "address.shipping.line2": ("shipping_address_2",),
        "address.shipping.city": ("shipping_city",),
        "address.shipping.region": ("shipping_state", "shipping_state_code"),
        "address.shipping.postcode": ("shipping_postcode",),
        "address.shipping.country": ("shipping_country",),
        "address.shipping.phone": ("shipping_phone",),
    },
    per={"shipping": "order", "tax": "order", "refunded": "order"},
    notes="Fees are no column of ours: they are in the order's total, and become its adjustment.",
)

ADVANCED_ORDER_EXPORT = Platform(
    name="woocommerce-advanced",
    title="WooCommerce (Advanced Order Export)",
    signature=(("Order Number",), ("Order Total Amount",), ("Email (Billing)", "Phone (Billing)")),
    columns={
        "order_id": ("Order Number", "Order ID"),
        "ordered_at": ("Order Date",),
        "email": ("Email (Billing)",),
        "phone": ("Phone (Billing)",),
        "name": ("First Name (Billing)+Last Name (Billing)", "First Name (Shipping)+Last Name (Shipping)"),
        "city": ("City (Billing)", "City (Shipping)"),
        "country": ("Country Code (Billing)", "Country Code (Shipping)"),
        "product_id": ("SKU",),
        "product_name": ("Item Name", "Product Name"),
        "quantity": ("Quantity", "Quantity (- Refund)"),
        # Of one, after the discount: "Cart Discount Amount" says once more what came off.
        "unit_price": ("Item Cost",),
        "currency": ("Currency",),
        "status": ("Order Status",),
        "shipping": ("Order Shipping Amount",),
        "tax": ("Order Total Tax Amount",),
        "order_total": ("Order Total Amount",),
        "refunded": ("Order Refund Amount",),
    },
    addresses={
        "address.shipping.recipient": ("First Name (Shipping)+Last Name (Shipping)",),
        "address.shipping.company": ("Company (Shipping)",),
        "address.shipping.line1": ("Address 1&2 (Shipping)", "Address 1 (Shipping)"),
        "address.shipping.line2": ("Address 2 (Shipping)",),
        "address.shipping.city": ("City (Shipping)",),
        "address.shipping.region": ("State Name (Shipping)", "State Code (Shipping)"),
        "address.shipping.postcode": ("Postcode (Shipping)",),
        "address.shipping.country": ("Country Code (Shipping)", "Country Name (Shipping)"),
        "address.shipping.phone": ("Phone (Shipping)",),
    },
    per={"shipping": "order", "tax": "order", "refunded": "order"},
    notes="The cost of one is rounded; what three of them lack to the order's total is its adjustment.",
)

ANALYTICS = Platform(
    name="woocommerce-analytics",
    title="WooCommerce Analytics",
    signature=(("Order #",), ("Customer type",), ("N. Revenue", "Net Revenue", "Net Sales")),
    columns={
        "order_id": ("Order #",),
        "ordered_at": ("Date",),
        "email": ("Email", "Customer email"),
        "phone": ("Phone",),
        "name": ("Customer",),
        "product_name": ("Product(s)", "Product"),
        "quantity": ("Quantity", "Items sold"),
        "unit_price": ("Price",),
        "status": ("Status",),
        "order_total": ("N. Revenue", "Net Revenue", "Net Sales"),
    },
    notes=(
        "Revenue is net: without tax, shipping and what was refunded. The report as it comes names customers but has "
        "no address of them, so it needs a column of e-mail addresses to be of use here."
    ),
)
