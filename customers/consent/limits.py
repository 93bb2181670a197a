"""How often one client may ask for pages that are open to everybody: counted for its address and the shop.

The counting is that of log-in and sign-up, the numbers stand in ACCOUNT_RATE_LIMITS.
"""

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

NO_SHOP = 0  # of links and addresses that lead nowhere: whoever tries some is counted once for all of them
WAIT = 60  # seconds, as an answer says; all limits that pages reach first are by the minute


def is_too_often(request: HttpRequest, action: str, shop_id: int) -> bool:
    """Count this request; whether it is one too many. action: a name in ACCOUNT_RATE_LIMITS, `…/key`."""
    key = f"{shop_id}:{ratelimit.get_ip(request)}"
    return not ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True)


def too_often(request: HttpRequest) -> HttpResponse:
    """The polite answer, the same for all pages and shops."""
    answer = render(request, "customers/too_often.html", status=429)
    answer["Retry-After"] = str(WAIT)
    return answer
