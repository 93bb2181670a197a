"""How people come in and stay in: allauth's account adapter for dashboards, and the end of other sessions."""

import logging
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.models import EmailAddress
from allauth.account.signals import password_changed, password_reset
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.account.utils import user_pk_to_url_str
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.shops.known_devices import device_of, remember_device
from crm.shops.models import User

logger = logging.getLogger(__name__)

# Words of the libraries' forms that their own Chinese lacks or says in another voice; our catalog goes before theirs.
BORROWED = (
    gettext_noop("Authenticator code"),
    gettext_noop("Code"),
    gettext_noop("Email"),
    gettext_noop("Email address"),
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Staff of the installation log in to /platform/ only: their accounts are closed to the web's database role."""
        if user.is_staff:
            raise PermissionDenied
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Whoever reads the mail owns the address; whether the account is theirs too, only the browser can tell.

        Anybody may open an account with another's address, or change theirs to it, and wait until the owner confirms.
        """
        person = email_address.user
        with transaction.atomic():
            if not _knows_password(request, person):
                if person.last_login is not None:
                    messages.warning(request, _("Sign in to the account that is to have this address, then confirm."))
                    return False
                person.set_unusable_password()
                person.save(update_fields=["password"])
                messages.info(request, _("Choose a password here: what was typed in another browser is not kept."))
            confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        person = email_address.user
        if not email_address.verified and person.last_login is not None:
            return f"{reverse('account_login')}?next={self.request.path}"
        if not person.has_usable_password():
            token = default_token_generator.make_token(person)
            return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), token])
        url: str = super().get_email_verification_redirect_url(email_address)
        return url

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_device(request, response, user.email)
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What failed attempts are counted by: the address, or the address in a browser that is known for it."""
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        device = device_of(request, credentials.get("email", ""))
        return f"{key}:{device}" if device else key

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the person's own language, with links to our own address; what goes wrong becomes a page that says so."""
        words = {name: _at_our_address(self.request, value) for name, value in context.items()}
        words["current_site"] = SimpleNamespace(name="Huitou", domain=urlsplit(settings.BASE_URL).netloc)
        language = getattr(context.get("user"), "language", "") or translation.get_language()
        try:
            with translation.override(language):
                super().send_mail(template_prefix, email, words)
        except OSError as error:  # What smtplib raises is one too.
            logger.exception("A mail of %s could not be sent.", template_prefix)
            page = render(self.request, "account/mail_not_sent.html", status=503)
            raise ImmediateHttpResponse(page) from error


def _knows_password(request: HttpRequest, person: User) -> bool:
    """Whether this browser is signed in as the person, or has just given the password and waits for the address."""
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    return request.user.pk == person.pk or bool(stage and stage.login.user and stage.login.user.pk == person.pk)


def _at_our_address(request: HttpRequest, value: Any) -> Any:
    """A link to the host of the request as one to BASE_URL: a stranger may have asked under another name of ours."""
    asked = request.build_absolute_uri("/")
    if isinstance(value, str) and "://" in value and urlsplit(value).netloc == urlsplit(asked).netloc:
        return settings.BASE_URL + urlsplit(value)._replace(scheme="", netloc="").geturl()
    return value


def end_other_sessions(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Who changes how they sign in does it because somebody else may know the old way."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()


def confirm_address_by_reset(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Who has opened the mail of a reset has shown what a confirmation would: no second mail is asked for."""
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        verify_email_indirectly(request, user, user.email)


def watch_sign_in_changes() -> None:
    password_reset.connect(confirm_address_by_reset, dispatch_uid="crm.shops.accounts.confirm_address_by_reset")
    for signal in (password_changed, password_reset, authenticator_added, authenticator_removed):
        signal.connect(end_other_sessions, dispatch_uid="crm.shops.accounts")
