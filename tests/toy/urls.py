from django.urls import path

from tests.toy import views

app_name = "wishes"
urlpatterns = [path("", views.wishes, name="list")]
