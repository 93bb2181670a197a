"""Our part of the shop's settings, and the list of sign-ups beside that of customers."""

from django.urls import path

from customers.signups import views

app_name = "signups"
urlpatterns = [
    path("settings/forms/", views.forms, name="forms"),
    path("settings/forms/new/", views.new_form, name="new_form"),
    path("settings/forms/<int:form_id>/", views.change_form, name="form"),
    path("customers/signups/", views.signups, name="list"),
]
