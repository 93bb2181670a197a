from django.urls import path

from crm.dashboard import views
from crm.dashboard.help import help_page

urlpatterns = [
    path("", views.overview, name="overview"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/ring/", views.jobs_ring, name="jobs_ring"),
    path("search/", views.search, name="search"),
    path("search/suggest/", views.search_suggest, name="search_suggest"),
    path("orders/", views.orders, name="orders"),
    path("help/", help_page, name="help"),
]
