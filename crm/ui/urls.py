from django.urls import path

from crm.ui import views

urlpatterns = [path("styleguide/", views.styleguide, name="styleguide")]
