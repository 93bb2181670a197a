from django.urls import path

from customers.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="list"),
    path("sample/", views.sample, name="sample"),
    path("template.csv", views.template, name="template"),
    path("<int:import_id>/", views.job, name="job"),
    path("<int:import_id>/heading/", views.heading, name="heading"),
    path("<int:import_id>/answer/", views.answer, name="answer"),
    path("<int:import_id>/run/", views.run, name="run"),
    path("<int:import_id>/cancel/", views.cancel, name="cancel"),
    path("<int:import_id>/undo/", views.undo, name="undo"),
    path("<int:import_id>/progress/", views.progress, name="progress"),
    path("<int:import_id>/rejected.csv", views.rejected, name="rejected"),
]
