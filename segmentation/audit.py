"""What segmentation writes into the audit log, in words."""

from django.utils.translation import gettext_lazy as _

from crm.shops.audit.sentences import ACTIONS, FIELD_NAMES, Action, FieldName

for _action in (
    Action("scoring.requested", _("asked for a scoring run"), _("Scoring asked for")),
    Action("scoring.settings_changed", _("changed the settings of scoring: %(fields)s"), _("Scoring settings changed")),
):
    ACTIONS.register(_action)

# Older entries have it as a field of the shop.
FIELD_NAMES.register(FieldName("rfm_bounds", _("RFM bounds")))
