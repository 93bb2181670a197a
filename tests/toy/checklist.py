from django.utils.translation import gettext_lazy as _

from crm.shops.joined_pages import Step
from crm.shops.roles import Right
from tests.toy.models import Wish

STEPS = [
    Step(
        "wishes",
        50,
        _("Collect a wish"),
        _("Ask."),
        _("Wishes"),
        "wishes:list",
        Right.SEE_CUSTOMERS,
        Wish.objects.exists,
    )
]
