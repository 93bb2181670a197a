"""What segmentation writes into the audit log, in words."""

from django.utils.translation import gettext_lazy as _

from crm.shops.audit.sentences import ACTIONS, Action

for _action in (Action("scoring.requested", _("asked for a scoring run"), _("Scoring asked for")),):
    ACTIONS.register(_action)
