"""The pages of customers that need no other app. crm/dashboard/customer_urls.py mounts them as "customers:…"."""

from django.urls import path

from customers import address_views, attribute_views, product_views, profile_views, views
from customers.consent import views as consents
from customers.merging import review
from customers.merging import views as merging

urlpatterns = [
    path("customers/tag/", views.tag_in_bulk, name="tag_in_bulk"),
    path("customers/exports/", views.exports, name="exports"),
    path("customers/exports/new/", views.new_export, name="new_export"),
    path("customers/exports/<int:export_id>/", views.export_progress, name="export"),
    path("customers/exports/<int:export_id>/file/", views.export_file, name="export_file"),
    path("customers/<int:customer_id>/edit/", views.edit, name="edit"),
    path("customers/<int:customer_id>/merge/", merging.merge, name="merge"),
    path("customers/duplicates/", review.duplicates, name="duplicates"),
    path("customers/duplicates/search/", review.search, name="duplicate_search"),
    path("customers/duplicates/<int:pair_id>/", review.duplicate, name="duplicate"),
    path("customers/merges/<int:merge_id>/undo/", merging.undo, name="undo_merge"),
    path("customers/<int:customer_id>/about/", profile_views.edit_about, name="about"),
    path("customers/<int:customer_id>/addresses/", address_views.add, name="add_address"),
    path("customers/<int:customer_id>/addresses/<int:address_id>/", address_views.change, name="address"),
    path("customers/<int:customer_id>/addresses/<int:address_id>/remove/", address_views.remove, name="remove_address"),
    path("customers/<int:customer_id>/provenance/", profile_views.provenance, name="provenance"),
    path("customers/<int:customer_id>/provenance/release/", profile_views.release, name="release"),
    path("customers/<int:customer_id>/attributes/", attribute_views.values, name="attributes"),
    path("customers/<int:customer_id>/contacts/", views.contacts, name="contacts"),
    path("customers/<int:customer_id>/orders/", views.orders, name="orders"),
    path("customers/<int:customer_id>/notes/", views.add_note, name="add_note"),
    path("customers/<int:customer_id>/notes/<int:note_id>/delete/", views.delete_note, name="delete_note"),
    path("customers/<int:customer_id>/consents/", consents.record_consent, name="record_consent"),
    path("customers/<int:customer_id>/tags/", views.add_tag, name="add_tag"),
    path("customers/<int:customer_id>/tags/<int:tag_id>/remove/", views.remove_tag, name="remove_tag"),
    path("products/", product_views.products, name="products"),
    path("products/<int:product_id>/", product_views.product, name="product"),
    path("orders/<int:order_id>/", views.order, name="order"),
    path("orders/<int:order_id>/lines/", views.order_lines, name="order_lines"),
]
