from typing import Any

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _

# Libraries register pages of their own: they count whole tables and show second factors, and nobody here needs them.
HIDDEN_APPS = frozenset({"account", "mfa", "usersessions", "auth"})


class PlatformSite(AdminSite):
    """Django admin under /platform/, as the database role crm_platform."""

    site_header = site_title = _("Huitou platform")
    index_title = _("This installation")
    site_url = None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in HIDDEN_APPS]
        super().register(shown, admin_class, **options)
