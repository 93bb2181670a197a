"""What the demo writes into the audit log, in words."""

from django.utils.translation import gettext_lazy as _

from crm.shops.audit.sentences import ACTIONS, Action

for _action in (Action("demo.people_invented", _("invented the names of the demo shop's customers")),):
    ACTIONS.register(_action)
