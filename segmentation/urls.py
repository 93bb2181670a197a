from django.urls import path

from segmentation import views

app_name = "insights"
urlpatterns = [
    # The navigation marks what lies below this address, so the first tab has it.
    path("", views.rfm, name="rfm"),
    path("cohorts/", views.cohort_retention, name="cohorts"),
    path("forecast/", views.forecast, name="forecast"),
    path("score/", views.score_now, name="score"),
    path("runs/<int:run_id>/progress/", views.progress, name="progress"),
]
