from django.utils.translation import gettext_lazy as _

from customers.timeline import Entry, TimelineSource
from tests.toy.models import Wish


def _wishes(customer, shop, place):
    for wish in place.latest(Wish.objects.filter(place.earlier("wished_at"), customer=customer), "wished_at"):
        yield Entry(wish.wished_at, place.rank, wish.pk, f"Wished for {wish.what}", "heart")


SOURCES = [TimelineSource("wishes", _("Wishes"), 60, _wishes)]
