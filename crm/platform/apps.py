from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PlatformConfig(AppConfig):
    """Static files of Django admin's looks."""

    name = "crm.platform"


class PlatformAdminConfig(AdminConfig):
    """Django admin, for the people who run the installation; its site is crm/platform/site.py."""

    default_site = "crm.platform.site.PlatformSite"
