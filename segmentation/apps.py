from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.ui.navigation import NAV, SUB_PAGES, NavItem, SubPage


class SegmentationConfig(AppConfig):
    name = "segmentation"
    verbose_name = _("Segmentation")

    def ready(self) -> None:
        from customers.imports.report_parts import REPORT_PARTS, ReportPart
        from segmentation import audit, personal_data, receivers, tasks  # noqa: F401  # they connect and register themselves
        from segmentation.panels import scoring_after_import

        REPORT_PARTS.register(ReportPart("scoring", scoring_after_import))

        NAV.register(
            NavItem(
                "insights", _("Insights"), "chart-histogram", "insights:rfm", 70, right="see_insights", shortcut="i"
            )
        )
        for page in (
            SubPage("rfm", "insights", _("RFM"), "insights:rfm", 10, right="see_insights"),
            SubPage("cohorts", "insights", _("Cohorts"), "insights:cohorts", 20, right="see_insights"),
            SubPage("forecast", "insights", _("Forecast"), "insights:forecast", 30, right="see_insights"),
            SubPage("scoring", "settings", _("Scoring"), "scoring:settings", 20, right="manage_shop"),
        ):
            SUB_PAGES.register(page)
