"""The roof of /api/v1/: where each app's resources are mounted."""

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from crm.lib.registry import provided
from crm.rest import docs as api_docs
from crm.rest.problems import PROBLEM_KINDS, not_found, problem_response
from crm.rest.resources import MountedResource

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
for mounted in provided("routes", "RESOURCES", MountedResource):
    router.register(mounted.path, mounted.resource, basename=f"api-{mounted.name}")


class Schema(SpectacularJSONAPIView):  # type: ignore[misc]  # drf-spectacular has no types
    """The OpenAPI document itself needs no key: it holds nothing of any shop."""

    authentication_classes: ClassVar[list[Any]] = []
    permission_classes: ClassVar[list[Any]] = []
    throttle_classes: ClassVar[list[Any]] = []


@csrf_exempt
@login_not_required
def unknown(request: HttpRequest) -> HttpResponse:
    """Every other address below /api/v1/: a problem, not a page."""
    return problem_response(not_found())


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"page": api_docs.page(), "problems": PROBLEM_KINDS})


urlpatterns = [
    path("docs", docs, name="api-docs"),
    path("v1/schema", Schema.as_view(), name="api-schema"),
    path("v1/", include(router.urls)),
    re_path(r"^v1(?:/.*)?$", unknown, name="api-unknown"),
]
