from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from crm.ui import styleguide as sample


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state: the test bed of our look, shown only to developers."""
    if not settings.DEBUG:
        raise Http404
    nav = [
        {
            "name": name,
            "label": label,
            "url": f"#{name}",
            "icon": icon,
            "active": name == "customers",
            "shortcut": name[0],
        }
        for name, label, icon in [
            ("overview", "Overview", "home"),
            ("customers", "Customers", "users"),
            ("segments", "Segments", "chart-donut"),
            ("campaigns", "Campaigns", "speakerphone"),
            ("insights", "Insights", "chart-histogram"),
            ("settings", "Settings", "settings"),
        ]
    ]
    frame = {"nav_items": nav, "search_url": "#search", "help_url": "#help"}
    return render(request, "styleguide.html", {**frame, **sample.context()})
