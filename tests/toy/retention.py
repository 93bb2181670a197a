from datetime import timedelta

from crm.lib.retention import Retention
from tests.toy.models import Wish


def forget_old_wishes(*, now):
    return Wish.all_shops.filter(wished_at__lt=now - timedelta(days=365)).delete()[0]


RETENTION = [Retention("wishes", 50, forget_old_wishes)]
