"""The page on which customers say what they want to get. A link opens it: no cookie is set or asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.shops.models import Shop
from crm.tenancy.scope import shop_scope
from customers.consent.channels import CHANNELS, purpose_of, purposes_asked
from customers.consent.language import language_of
from customers.consent.limits import NO_SHOP, is_too_often, too_often
from customers.consent.links import BadLink, Link, read_token
from customers.consent.recording import ConsentIn, append, lock_survivors
from customers.consent.wishes import Wishes, wish, wishes_of
from customers.domain.consent import GRANTED, WITHDRAWN
from customers.models import Consent, ConsentSettings, Customer, Topic
from customers.profile import lock
from customers.queries import survivor_id

PAGE, ONE_CLICK = "preference_centre", "unsubscribe"  # the sources of what is said here
# RFC 8058. The boundary of the second example it prints is wrong: no form can be read of it, but it says the same.
ONE_CLICK_PAIR = ("List-Unsubscribe", "One-Click")
SAVE, ALL = "save", "all"  # the buttons of the page
LESS_OFTEN, NOT_PERSONALISED = "less_often", "not_personalised"  # boxes that are no consents


@dataclass(frozen=True)
class Choice:
    """One box: whether the shop may write over this channel for this purpose. name: of the field of the form."""

    channel: str
    purpose: str
    label: str
    state: str | None

    @property
    def is_granted(self) -> bool:
        return self.state == GRANTED

    @property
    def name(self) -> str:
        return f"{self.channel}/{self.purpose}"


@dataclass(frozen=True)
class Group:
    """The boxes of one channel."""

    label: str
    icon: str
    choices: Sequence[Choice]


@csrf_exempt  # the link is the secret, and mail programs send no token
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows and changes nothing: mail scanners open every link. POST acts. A link that is none of ours, of somebody
    who is gone, or too old gets one and the same answer, whatever was wrong with it.
    """
    try:
        link = read_token(token)
    except BadLink:
        if is_too_often(request, "bad_link", NO_SHOP):
            return too_often(request)
        return _nothing_here(request)
    if is_too_often(request, "preferences", link.shop_id):
        return too_often(request)
    shop = Shop.objects.filter(pk=link.shop_id).first()
    if shop is None:
        return _nothing_here(request)
    with shop_scope(shop), timezone.override(shop.zone):
        customer = _customer_to_say(request, link) if request.method == "POST" else _customer_of(link)
        if customer is None:
            return _nothing_here(request)
        language = request.GET.get("language", "")
        with translation.override(language if language in Shop.Language.values else language_of(customer, shop)):
            if request.method == "POST":
                return _said(request, shop, customer, link)
            return _page(request, shop, customer, link)


def _customer_of(link: Link) -> Customer | None:
    """Whom the link means: of one that was merged since it went out, the survivor, to whom the shop now writes."""
    customer = Customer.objects.filter(pk=link.customer_id).first()
    if customer is None and (survivor := survivor_id(link.customer_id)) is not None:
        return Customer.objects.filter(pk=survivor).first()
    return customer


def _customer_to_say(request: HttpRequest, link: Link) -> Customer | None:
    """The same, locked: whom somebody merges between this and what they say would lose it."""
    if request.body and NOT_PERSONALISED in request.POST:  # the body first: behind request.POST it cannot be read
        lock()  # before the row of a customer
    return Customer.objects.filter(pk__in=lock_survivors([link.customer_id]).values()).first()


def _nothing_here(request: HttpRequest) -> HttpResponse:
    return render(request, "customers/preferences_gone.html", status=404)


def _said(request: HttpRequest, shop: Shop, customer: Customer, link: Link) -> HttpResponse:
    is_one_click = _is_one_click(request)  # first: the body cannot be read behind request.POST
    choices = [choice for group in _groups(customer, link) for choice in group.choices]
    if ALL in request.POST:
        said = {(choice.channel, choice.purpose) for choice in choices if choice.state is not None}
        changes = [(*pair, WITHDRAWN) for pair in sorted(said | {(link.channel, link.purpose)})]
        done = _("You are unsubscribed from everything.")
    elif SAVE in request.POST:
        changes = [
            (choice.channel, choice.purpose, WITHDRAWN if choice.is_granted else GRANTED)
            for choice in choices
            if choice.is_granted != (choice.name in request.POST)
        ]
        wish(customer, Wishes(LESS_OFTEN in request.POST, NOT_PERSONALISED in request.POST), now=timezone.now())
        done = _("Saved. Thank you.")
    elif is_one_click:
        _say(request, customer, [(link.channel, link.purpose, WITHDRAWN)], source=ONE_CLICK)
        return _page(
            request, shop, customer, link, done=_("You are unsubscribed. Nothing more of this kind will come.")
        )
    else:  # Not our form, in which a box without its tick would be a withdrawal.
        return _page(request, shop, customer, link)
    _say(request, customer, changes, source=PAGE)
    return _page(request, shop, customer, link, done=done)


def _is_one_click(request: HttpRequest) -> bool:
    name, value = (word.encode() for word in ONE_CLICK_PAIR)
    body = request.body[:2000]  # a line or two
    return name in body and value in body


def _say(request: HttpRequest, customer: Customer, changes: Sequence[tuple[str, str, str]], *, source: str) -> None:
    """No audit entry: neither staff nor a key acts, and the event is its own record."""
    ip = get_adapter().get_client_ip(request)
    said = [ConsentIn(customer.pk, *change, source=source, ip=ip) for change in changes]
    append(said, now=timezone.now(), is_act=True)


def _groups(customer: Customer, link: Link) -> list[Group]:
    """What they can choose: everything of the channel that the link came by, and what they said something about."""
    known = {
        (channel, purpose): state
        for channel, purpose, state in Consent.objects.filter(customer=customer).values_list(
            "channel", "purpose", "state"
        )
    }
    closed = {purpose_of(topic) for topic in Topic.objects.filter(is_open=False)}
    labels = purposes_asked()
    groups = []
    for channel in CHANNELS:
        if channel.name != link.channel and not any(name == channel.name for name, _ in known):
            continue
        choices = [
            Choice(channel.name, purpose, label, known.get((channel.name, purpose)))
            for purpose, label in labels.items()
            if known.get((channel.name, purpose)) == GRANTED
            or (purpose not in closed and (channel.name == link.channel or (channel.name, purpose) in known))
        ]
        groups.append(Group(str(channel.label), channel.icon, choices))
    return groups


def _page(request: HttpRequest, shop: Shop, customer: Customer, link: Link, *, done: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "shop_name": shop.name,
        "groups": _groups(customer, link),
        "wishes": wishes_of(customer),
        "colour": ConsentSettings.current().colour,
        "done": done,
        "save": SAVE,
        "ends_all": ALL,
    }
    return render(request, "customers/preferences.html", context)
