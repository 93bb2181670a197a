"""The roof: where each app's pages are mounted."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from crm.lib.registry import provided
from crm.shops import health
from crm.shops.joined_pages import ShopPages
from crm.shops.views.signup import sign_up
from customers.consent.preferences import preferences
from customers.signups import public as signups

handler500 = "crm.shops.errors.failed"

urlpatterns = [
    path("platform/", admin.site.urls),
    path("api/", include("crm.api")),
    path("accounts/signup/", sign_up, name="account_signup"),  # in front of allauth's own
    path("accounts/", include("allauth.urls")),
    path("p/<str:token>", preferences, name="preferences"),
    path("f/<str:slug>/<str:code>", signups.signup_form, name="signup_form"),
    path("confirm/<str:token>", signups.signup_confirm, name="signup_confirm"),
    path("brand/<str:colour>.css", signups.brand, name="brand"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("crm.shops.urls")),
    path("", include("crm.ui.urls")),
    *(
        path(f"s/<slug:shop_slug>/{pages.prefix}", include(pages.urls))
        for pages in provided("routes", "PAGES", ShopPages)
    ),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
