"""The doors of the web: each request gets the scope of one shop, of the platform, or none."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from allauth.usersessions.middleware import UserSessionsMiddleware
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from crm.lib.postgres.meanwhile import is_gone_meanwhile
from crm.shops.models import Membership, Shop, User
from crm.shops.queries import is_shut_out, shop_called
from crm.shops.roles import Right
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import platform_scope, shop_scope

GetResponse = Callable[[HttpRequest], HttpResponse]


class HtmxRequest(HttpRequest):
    """A request to a page; `htmx` is true where htmx asks for a part of one."""

    htmx: HtmxDetails


class ShopRequest(HtmxRequest):
    """A request inside a shop: what ShopMiddleware adds for pages."""

    user: User
    shop: Shop
    membership: Membership


class PlatformMiddleware:
    """First of all: everything under /platform/ runs as crm_platform, its sessions and log-in included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/platform/"):
            return self.get_response(request)
        with platform_scope():
            return self.get_response(request)


class PrivateMiddleware:
    """Keeps answers out of caches: what one person or key got is for nobody else, also not by Back after they left.

    Static files are answered in front of it; a view that says its answer is public has thought of it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "public" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        return response


class PersonMiddleware:
    """Refuses a form of a page that was made for another person than is signed in now, as in another tab since.

    The page says for whom it was made: in a header where htmx sends it, else in a field that forms.js adds. A form that
    says nothing is as good as its CSRF token. In front of CsrfViewMiddleware, which would know no more than that the
    token is an old one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HtmxRequest, *view: object) -> HttpResponse | None:
        if request.method != "POST" or request.path_info.startswith("/api/") or not request.user.is_authenticated:
            return None
        if _made_for(request) in ("", str(request.user.pk)):
            return None
        return _conflict(request, gettext("Somebody else is signed in now"), made_for_another(request.user))


def _conflict(request: HtmxRequest, title: str, text: str) -> HttpResponse:
    """What a form is told that was not saved; htmx shows the text where the form stands."""
    if request.htmx:
        return JsonResponse({"detail": text}, status=HTTPStatus.CONFLICT)
    return render(request, "409.html", {"title": title, "text": text}, status=HTTPStatus.CONFLICT)


def made_for_another(user: User) -> str:
    # Not the address of the other: whoever writes an id into the form would learn whose it is.
    return gettext(
        "You are signed in as %(person)s now, and this page was made for somebody else, so nothing was saved. What you"
        " typed is still there when you go back: sign in again as before, or send it again from a fresh page."
    ) % {"person": user}


def _made_for(request: HttpRequest) -> str:
    """The id of the person the page was made for, as the page says it; "" where it says nothing."""
    try:
        return request.headers.get("X-Person") or request.POST.get("made_for", "")
    except UnreadablePostError:  # the sender has gone; whoever reads on finds it out too
        return ""


class SeenMiddleware(UserSessionsMiddleware):  # type: ignore[misc]  # allauth has no types
    """Notes where somebody is signed in, and when they were last seen: to the minute, not to the page.

    The library alone would write and commit once for each page.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request) if _seen_lately(request) else super().__call__(request)
        return response


def _seen_lately(request: HttpRequest) -> bool:
    """Within the last minute, with the same browser at the same address: then there is nothing to note."""
    if not request.user.is_authenticated or not request.session.session_key:
        return False
    known = UserSession.objects.filter(
        session_key=request.session.session_key,
        user=request.user,
        user_agent=request.headers.get("User-Agent", "")[:_LONGEST_AGENT],
        ip=get_adapter().get_client_ip(request),
        last_seen_at__gt=timezone.now() - timedelta(minutes=1),
    )
    return bool(known.exists())


_LONGEST_AGENT = UserSession._meta.get_field("user_agent").max_length


class ShopMiddleware:
    """Last of all: opens the shop's scope around the view and its template.

    /s/<slug>/… is for members; a stranger gets the same 404 as for a shop that does not exist. (/api/v1/… is for keys:
    crm/rest/middleware.py.)
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxRequest) -> HttpResponse:
        parts = request.path_info.split("/", 3)
        if parts[1] == "s" and len(parts) == 4 and request.user.is_authenticated:
            return self._page(request, parts[2])
        return self.get_response(request)

    def process_exception(self, request: HtmxRequest, exception: Exception) -> HttpResponse | None:
        """A page that waited while what it is about was merged or deleted: whoever sent it looks again."""
        if not hasattr(request, "membership") or not is_gone_meanwhile(exception):
            return None
        text = gettext(
            "What this page is about was merged with another or deleted meanwhile, so nothing was saved. What you"
            " typed is still there when you go back."
        )
        return _conflict(request, gettext("It is not there any more"), text)

    def _page(self, request: HtmxRequest, slug: str) -> HttpResponse:
        shop = shop_called(slug)
        if shop is None:
            raise Http404
        with shop_scope(shop):
            membership = Membership.objects.filter(user=request.user.pk).first()
            if membership is None:
                raise Http404
            membership.shop = shop
            request.shop, request.membership = shop, membership  # type: ignore[attr-defined]  # see ShopRequest
            if is_shut_out(membership):
                set_up = reverse("settings:two-step", args=[shop.slug])
                if request.path_info != set_up:
                    return _led_to(set_up, request)
            with timezone.override(shop.zone), contacts_hidden(not membership.may(Right.SEE_CONTACTS)):
                return answer_in_scope(self.get_response, request)


def answer_in_scope(get_response: GetResponse, request: HttpRequest) -> HttpResponse:
    """The answer of the view; an error answer rolls the transaction of the scope back.

    Django has turned the exception into a response before any `atomic` out here could see it.
    """
    response = get_response(request)
    if response.status_code >= 400 and not getattr(response, "keep_writes", False):
        transaction.set_rollback(True, using="default")
    return response


def _led_to(address: str, request: HtmxRequest) -> HttpResponse:
    if request.htmx:  # A redirect would put that page into the part which asked.
        return HttpResponseClientRedirect(address)
    return redirect(address)
