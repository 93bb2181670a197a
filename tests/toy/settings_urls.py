from django.urls import path

from tests.toy import views

app_name = "wish_settings"
urlpatterns = [path("wishes/", views.settings, name="settings")]
