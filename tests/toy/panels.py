from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.shops.roles import Right
from customers.panels import CustomerAction, Panel
from tests.toy.models import Wish


def _wishes(reading):
    wishes = list(Wish.objects.filter(customer=reading.customer).order_by("pk"))
    return {"wishes": wishes} if wishes else None


def _list(shop, customer):
    return reverse("wishes:list", args=[shop.slug])


PANELS = [Panel("wishes", 25, "toy/_wishes_panel.html", _wishes)]
ACTIONS = [CustomerAction("wishes", 40, _("All wishes"), "heart", Right.SEE_CUSTOMERS, url=_list)]
