"""The roof: where each app's pages are mounted."""

from django.contrib import admin
from django.urls import include, path

from crm.shops import health

urlpatterns = [
    path("platform/", admin.site.urls),
    path("api/", include("crm.api")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
