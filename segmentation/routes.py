"""Where the app's pages and resources are mounted."""

from crm.rest.resources import MountedResource
from crm.shops.joined_pages import ShopPages
from segmentation.api import ScoreResource

PAGES = [
    ShopPages("insights", 40, "insights/", "segmentation.urls"),
    ShopPages("scoring", 41, "settings/", "segmentation.settings_urls"),
]
RESOURCES = [MountedResource("score", 40, "scores", ScoreResource)]
