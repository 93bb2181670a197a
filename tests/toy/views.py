from django.http import HttpResponse
from django.views.decorators.http import require_safe

from crm.shops.access import requires
from crm.shops.roles import Right
from tests.toy.models import Wish


@require_safe
@requires(Right.SEE_CUSTOMERS)
def wishes(request, shop_slug):
    return HttpResponse(", ".join(Wish.objects.order_by("pk").values_list("what", flat=True)))
