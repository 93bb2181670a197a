from django.urls import path

from crm.ui import views

urlpatterns = [
    path("favicon.ico", views.favicon, name="favicon"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
