"""The roof: where each app's pages are mounted."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("platform/", admin.site.urls),
]
