from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Finder, Hit, Hits
from crm.shops.roles import Right
from tests.toy.models import Wish


def _wishes(reading, text, most):
    url = reverse("wishes:list", args=[reading.shop.slug])
    return Hits([Hit(wish.what, "", url, "heart") for wish in Wish.objects.filter(what=text)[:most]])


FINDERS = [Finder("wishes", 30, _("Wishes"), Right.SEE_CUSTOMERS, _wishes)]
