from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.ui.navigation import NavItem, register


class SegmentationConfig(AppConfig):
    name = "segmentation"
    verbose_name = _("Segmentation")

    def ready(self) -> None:
        from customers.imports.report_parts import REPORT_PARTS, ReportPart
        from segmentation import audit, personal_data, receivers, tasks  # noqa: F401  # they connect and register themselves
        from segmentation.panels import scoring_after_import

        REPORT_PARTS.register(ReportPart("scoring", scoring_after_import))

        register(
            NavItem(
                "insights", _("Insights"), "chart-histogram", "insights:rfm", 70, right="see_insights", shortcut="i"
            )
        )
