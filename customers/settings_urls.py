"""Our part of the shop's settings, beside those of the others."""

from django.urls import path

from customers import attribute_views, profile_views

app_name = "attributes"
urlpatterns = [
    path("attributes/", attribute_views.settings, name="settings"),
    path("attributes/<int:attribute_id>/", attribute_views.change, name="change"),
    path("relations/", profile_views.kind_list, name="kinds"),
    path("relations/<str:kind_key>/", profile_views.kind, name="kind"),
]
