"""Our part of the shop's settings, beside those of the others."""

from django.urls import path

from customers.consent import views

app_name = "consents"
urlpatterns = [
    path("consent/", views.settings, name="settings"),
    path("consent/topics/", views.add_topic, name="add_topic"),
    path("consent/topics/<int:topic_id>/", views.change_topic, name="topic"),
    path("consent/texts/", views.add_text, name="add_text"),
]
