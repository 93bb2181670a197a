import django_filters
from django.db.models import Exists, OuterRef

from customers.filters import CustomerFilters
from tests.toy.models import Wish


class WishFilters(CustomerFilters):
    wish = django_filters.CharFilter(method="by_wish", label="Wish")

    def by_wish(self, rows, name, value):
        return rows.filter(Exists(Wish.objects.filter(customer=OuterRef("pk"), shop=OuterRef("shop"), what=value)))
