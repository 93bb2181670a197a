"""What the ground keeps for a while only."""

from crm.lib.retention import Retention
from crm.shops.actions import forget_unconfirmed

RETENTION = [Retention("unconfirmed sign-ups", 10, forget_unconfirmed)]
