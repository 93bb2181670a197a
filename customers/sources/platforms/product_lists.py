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

WOOCOMMERCE_PRODUCTS = Platform(
    name="woocommerce-products",
    title="WooCommerce, products",
    kind=PRODUCTS,
    signature=(("SKU",), ("Regular price",), ("Short description",), ("Tax status", "Visibility in catalog")),
    columns={
        "product_id": ("SKU",),
        "product_name": ("Name",),
        "brand": ("Brands",),
        "price": ("Regular price",),
        "categories": ("Categories",),
    },
    category_sign=",",
    notes="A row without a SKU is left out. A product that has variations has no price of its own.",
)
