"""Lists of products, as storefronts export them."""

from customers.sources.fields import PRODUCTS

from .base import Platform

SHOPIFY_PRODUCTS = Platform(
    name="shopify-products",
    title="Shopify, products",
    kind=PRODUCTS,
    signature=(("Handle", "URL handle"), ("Title",), ("Variant SKU", "SKU"), ("Variant Price", "Price")),
    columns={
        "product_id": ("Variant SKU", "SKU"),
        # On the first row of a product only; the other variants have the name of their orders' lines.
        "product_name": ("Title",),
        "brand": ("Vendor",),
        "price": ("Variant Price", "Price"),
        "cost": ("Cost per item",),
        "categories": ("Product Category", "Product category", "Type"),
    },
    notes="A row without a SKU, such as one with a further picture, names no variant and is left out.",
)
