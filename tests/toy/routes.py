from crm.rest.resources import MountedResource
from crm.shops.joined_pages import ShopPages
from tests.toy.api import WishResource

PAGES = [
    ShopPages("wishes", 50, "wishes/", "tests.toy.urls"),
    ShopPages("wish-settings", 51, "settings/", "tests.toy.settings_urls"),
]
RESOURCES = [MountedResource("wish", 50, "wishes", WishResource)]
