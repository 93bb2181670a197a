from django.urls import path

from customers import import_views

app_name = "imports"
urlpatterns = [
    path("", import_views.imports, name="list"),
    path("<int:import_id>/", import_views.job, name="job"),
    path("<int:import_id>/run/", import_views.run, name="run"),
    path("<int:import_id>/cancel/", import_views.cancel, name="cancel"),
    path("<int:import_id>/progress/", import_views.progress, name="progress"),
    path("<int:import_id>/rejected.csv", import_views.rejected, name="rejected"),
]
