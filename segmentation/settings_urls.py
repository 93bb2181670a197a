"""Our part of the shop's settings, beside those of the others."""

from django.urls import path

from segmentation import views

app_name = "scoring"
urlpatterns = [path("scoring/", views.settings, name="settings")]
