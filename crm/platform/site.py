from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from crm.platform.forms import PlatformLoginForm
from crm.shops.known_devices import remember_device
from crm.shops.models import User

# Libraries register pages of their own: they count whole tables and show second factors, and nobody here needs them.
HIDDEN_APPS = frozenset({"account", "mfa", "usersessions", "auth"})


# Django's Chinese lacks these or says them in other words than our pages; our catalog goes before its own.
BORROWED = (
    gettext_noop("Add link"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Change or view list link"),
    gettext_noop("History"),
    gettext_noop("Log out"),
    gettext_noop("Model name"),
    gettext_noop("My actions"),
    gettext_noop("None available"),
    gettext_noop("Recent actions"),
)


class PlatformSite(AdminSite):
    """Django admin under /platform/, as the database role crm_platform."""

    site_header = site_title = _("Huitou platform")
    index_title = _("This installation")
    site_url = None
    login_form = PlatformLoginForm

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().login(request, extra_context)
        if request.method == "POST" and isinstance(request.user, User) and request.user.is_staff:
            remember_device(request, response, request.user.email)  # Strangers' tries lock no known browser.
        return response

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in HIDDEN_APPS]
        super().register(shown, admin_class, **options)
