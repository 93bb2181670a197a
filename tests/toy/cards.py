from crm.shops.joined_pages import Card, Figures, Origin
from crm.ui.parts import Stat
from tests.toy.models import Wish


def _count(reading):
    count = Wish.objects.count()
    return {"count": count} if count else None


def _figures(reading):
    return [Stat(key="wishes", label="Open wishes", figure=str(Wish.objects.count()))]


def _last(reading):
    wish = Wish.objects.order_by("-pk").first()
    return {"wish": wish} if wish else None


CARDS = [Card("wishes", 70, "toy/_wishes_card.html", _count)]
FIGURES = [Figures("wishes", 40, _figures)]
ORIGINS = [Origin("wishes", 30, "toy/_last_wish.html", _last, label="Last wish")]
