"""What is kept of customers and imports for a while only."""

from datetime import datetime, timedelta

from crm.lib.retention import Retention
from customers.imports.journals import forget_old_journals
from customers.models import Signup

UNCONFIRMED_FOR = timedelta(days=30)
AT_ONCE = 1000


def forget_unconfirmed(*, now: datetime) -> int:
    """Sign-ups that nobody confirmed, spam among them: people who never became customers."""
    old = Signup.all_shops.exclude(state=Signup.State.CONFIRMED).filter(sent_at__lt=now - UNCONFIRMED_FOR)
    some = list(old.order_by("sent_at").values_list("pk", flat=True)[:AT_ONCE])
    count, _ = Signup.all_shops.filter(pk__in=some).exclude(state=Signup.State.CONFIRMED).delete()
    return count


RETENTION = [
    Retention("journals of imports", 30, forget_old_journals),
    Retention("unconfirmed sign-ups of customers", 30, forget_unconfirmed),
]
