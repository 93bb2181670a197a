"""Where the pages and resources that join apps are mounted."""

from crm.dashboard.api import CustomerResource
from crm.rest.resources import MountedResource
from crm.shops.joined_pages import ShopPages

PAGES = [
    ShopPages("overview", 10, "", "crm.dashboard.urls"),
    ShopPages("customers", 20, "", "crm.dashboard.customer_urls"),
]
RESOURCES = [MountedResource("customer", 10, "customers", CustomerResource)]
