"""The pages behind an invitation's links. Their addresses name the shop, so its scope is opened here."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from allauth.core.internal import ratelimit
from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crm.shops.forms import NewPersonForm
from crm.shops.models import Invitation, Shop, User
from crm.shops.queries import has_account, shop_called
from crm.shops.staff import (
    InvitationNotOpen,
    WrongPerson,
    accept_as_new_person,
    accept_invitation,
    invitation_of,
    invitation_of_link,
    mail_to_newcomer,
)
from crm.shops.views.home import front_page
from crm.tenancy.scope import shop_scope

logger = logging.getLogger(__name__)

Find = Callable[[str], Invitation | None]
Newcomer = Callable[[HttpRequest, Shop, Invitation], HttpResponse]


def _page_of_link(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For anybody, and kept nowhere: the address is a secret, and a password is typed here."""
    for decorate in (
        require_http_methods(["GET", "HEAD", "POST"]),
        sensitive_post_parameters("password"),
        never_cache,
        login_not_required,
    ):
        page = decorate(page)
    return page


@_page_of_link
def by_mail(request: HttpRequest, shop_slug: str, token: str) -> HttpResponse:
    """Who comes by the mailed link reads the address's mail: a new person is in at once."""
    return _invitation(request, shop_slug, token, invitation_of, _as_new_person)


@_page_of_link
def by_link(request: HttpRequest, shop_slug: str, token: str) -> HttpResponse:
    """Who comes by the link that was passed on by hand may be anybody: a new person gets a mail, and joins by that."""
    return _invitation(request, shop_slug, token, invitation_of_link, _as_anybody)


def _invitation(request: HttpRequest, shop_slug: str, token: str, find: Find, newcomer: Newcomer) -> HttpResponse:
    """A token that is not of this shop is a 404; one whose time is over says so."""
    shop = shop_called(shop_slug)
    if shop is None:
        raise Http404
    with shop_scope(shop):
        invitation = find(token)
    if invitation is None:
        raise Http404
    if not invitation.is_open(now()):
        return _closed(request, shop, invitation)
    try:
        return _open(request, shop, invitation, newcomer)
    except (InvitationNotOpen, IntegrityError):  # Somebody was faster: the same link in another tab.
        with shop_scope(shop):
            invitation = find(token)
        if invitation is None or invitation.is_open(now()):
            return redirect(request.path)
        return _closed(request, shop, invitation)


def _open(request: HttpRequest, shop: Shop, invitation: Invitation, newcomer: Newcomer) -> HttpResponse:
    person = request.user if isinstance(request.user, User) else None
    if person is not None:
        return _as_person(request, shop, invitation, person)
    if has_account(invitation.email):
        link = f"{reverse('account_login')}?next={request.path}"
        return _page(request, shop, invitation, "sign_in", sign_in_url=link)
    return newcomer(request, shop, invitation)


def _as_person(request: HttpRequest, shop: Shop, invitation: Invitation, person: User) -> HttpResponse:
    has_address = EmailAddress.objects.filter(user=person, email=invitation.email, verified=True).exists()
    if person.is_staff or not has_address:
        return _page(request, shop, invitation, "other_person", status=403)
    if request.method != "POST":
        return _page(request, shop, invitation, "join")
    try:
        with shop_scope(shop):
            accept_invitation(invitation, user=person, now=now())
    except WrongPerson:
        return _page(request, shop, invitation, "other_person", status=403)
    return _welcome(request, shop)


def _as_new_person(request: HttpRequest, shop: Shop, invitation: Invitation) -> HttpResponse:
    form = NewPersonForm(invitation.email, shop, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, shop, invitation, "new_person", form=form, status=422 if form.errors else 200)
    data, language = form.cleaned_data, get_language() or ""
    with shop_scope(shop):
        person = accept_as_new_person(
            invitation, name=data["name"], password=data["password"], language=language, now=now()
        )
    person.backend = "allauth.account.auth_backends.AuthenticationBackend"
    perform_login(request, Login(user=person))
    return _welcome(request, shop)


def _as_anybody(request: HttpRequest, shop: Shop, invitation: Invitation) -> HttpResponse:
    """No name and no password is asked here: a stranger's would be kept for whoever opens the mail."""
    if request.method != "POST":
        return _page(request, shop, invitation, "mail_first")
    if not ratelimit.consume(request, app="allauth.account", action="signup"):
        too_often: HttpResponse = respond_429(request)
        return too_often
    mailbox = {"app": "allauth.account", "action": "invitation_mail", "key": invitation.email}
    if ratelimit.consume(request, **mailbox):  # else one is there already, and its link works
        try:
            mail_to_newcomer(shop, invitation)
        except OSError:  # What smtplib raises is one too.
            logger.exception("A mail to a newcomer could not be sent.")
            ratelimit.clear(request, **mailbox)
            return render(request, "account/mail_not_sent.html", status=503)
    return _page(request, shop, invitation, "mail_sent")


def _welcome(request: HttpRequest, shop: Shop) -> HttpResponse:
    messages.success(request, _("Welcome to “%(shop)s”.") % {"shop": shop})
    return redirect(front_page(shop))


def _closed(request: HttpRequest, shop: Shop, invitation: Invitation) -> HttpResponse:
    reason = "used" if invitation.accepted_at else "revoked" if invitation.revoked_at else "expired"
    return _page(request, shop, invitation, reason, status=410)


def _page(
    request: HttpRequest, shop: Shop, invitation: Invitation, state: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    words = {"invited_to": shop, "invitation": invitation, "state": state} | context
    return render(request, "shops/invitation.html", words, status=status)
