"""What the API keeps for a while only."""

from crm.lib.retention import Retention
from crm.rest.idempotency import forget_old_answers

RETENTION = [Retention("answers to repeated requests", 20, forget_old_answers)]
