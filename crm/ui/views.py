from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control

from crm.ui import styleguide as sample


@login_not_required
@cache_control(public=True, max_age=24 * 3600)
def favicon(request: HttpRequest) -> HttpResponse:
    """The mark, for whoever asks at the old place: browsers do wherever no page names an icon (JSON, files)."""
    return redirect(static("img/mark.svg"))


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
