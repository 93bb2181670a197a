"""The help page: what the words on the pages mean, and how to get on by the keyboard."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.shops.middleware import ShopRequest
from segmentation.charts import STAGES_IN_ORDER
from segmentation.models import Stage

# As customers/domain/lifecycle.py decides it.
STAGES: dict[Stage, Promise] = {
    Stage.LOYAL: _("Has bought on five different days or more, and keeps the rhythm."),
    Stage.ACTIVE: _("Has bought again, and is not late for the next order."),
    Stage.WON_BACK: _("Came back after a long silence."),
    Stage.NEW: _("Bought once, and it is too early to expect more."),
    Stage.AT_RISK: _("Late: only one gap in seven lasts that long."),
    Stage.DORMANT: _("Very late: only one gap in thirty lasts that long."),
    Stage.LOST: _("So late that hardly anybody has come back from it."),
    Stage.PROSPECT: _("Is known to the shop, and has not bought yet."),
}
FIGURES: tuple[tuple[Promise | str, Promise], ...] = (
    (_("Spent"), _("All orders less refunds; what was cancelled or not paid is not in it.")),
    (_("Still here"), _("The chance that a customer has not left for good, where the history can tell.")),
    (_("No order in 90 days"), _("The chance that no order comes in the next 90 days, by the customer's pace so far.")),
    (_("Next 12 months"), _("What a customer will probably bring in the next year. An estimate, so rounded.")),
    (_("Bought again"), _("Bought on two days or more. Two orders on one day are one purchase here.")),
    (_("Recency, frequency, money"), _("Fifths of your customers: 5 bought last, most often or for most money.")),
    ("≈", _("An estimate: counting exactly would keep you waiting.")),
)


@require_safe
def help_page(request: ShopRequest, shop_slug: str) -> HttpResponse:
    stages = [(stage.value, stage.label, STAGES[stage]) for stage in STAGES_IN_ORDER]
    return render(request, "dashboard/help.html", {"stages": stages, "figures": FIGURES})
