from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class PlatformSite(AdminSite):
    """Django admin under /platform/, as the database role crm_platform."""

    site_header = site_title = _("Huitou platform")
    index_title = _("This installation")
