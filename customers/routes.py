"""Where the app's pages and resources are mounted; its pages of customers are mounted by crm/dashboard."""

from crm.rest.resources import MountedResource
from crm.shops.joined_pages import ShopPages
from customers.api.attributes import AttributeResource
from customers.api.identity import MergeResource
from customers.api.kinds import CustomerKindResource
from customers.api.orders import OrderResource
from customers.api.products import ProductResource
from customers.api.suppressions import SuppressionResource

PAGES = [
    ShopPages("imports", 30, "imports/", "customers.imports.urls"),
    ShopPages("consents", 31, "settings/", "customers.consent.settings_urls"),
    ShopPages("attributes", 42, "settings/", "customers.settings_urls"),
    ShopPages("signups", 32, "", "customers.signups.urls"),
]
RESOURCES = [
    MountedResource("order", 20, "orders", OrderResource),
    MountedResource("merge", 15, "merges", MergeResource),
    MountedResource("attribute", 16, "attributes", AttributeResource),
    MountedResource("customer-kind", 17, "customer-kinds", CustomerKindResource),
    MountedResource("product", 30, "products", ProductResource),
    MountedResource("suppression", 35, "suppressions", SuppressionResource),
]
