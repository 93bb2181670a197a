"""The pages of customers: those joined with scores are ours, the others are customers' own."""

from django.urls import path

from crm.dashboard import customer, customers
from customers.urls import urlpatterns as own_urlpatterns

app_name = "customers"
urlpatterns = [
    path("customers/", customers.customers_page, name="list"),
    path("customers/<int:customer_id>/", customer.customer_page, name="detail"),
    path("customers/<int:customer_id>/timeline/", customer.timeline_part, name="timeline"),
    *own_urlpatterns,
]
