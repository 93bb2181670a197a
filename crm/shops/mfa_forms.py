"""Forms that stand in for allauth's own (MFA_FORMS): a one-time code counts once.

As the half minutes beside count too, a code is right for up to 90 seconds (MFA_TOTP_TOLERANCE); the library remembers
it for 30, in a cache that may be emptied. RFC 6238, 5.2: the verifier must not accept the second attempt.
"""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.base import forms
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from crm.shops.mfa import take_step
from crm.shops.models import User


class _CountsOnce:
    """Takes the code's half minute before the library looks at the code: a request at the same time finds it taken."""

    user: User
    cleaned_data: dict[str, str]

    def clean_code(self) -> str:
        step = _step_of(self.cleaned_data["code"], self.secrets())
        if step is not None and not take_step(self.user, step):
            check_rate_limit(self.user)  # It counts as a failed try, like a wrong one.
            raise ValidationError(gettext("This code was used already. Wait for the next one."), code="used")
        code: str = super().clean_code()  # type: ignore[misc]  # of the form it is mixed into
        return code

    def secrets(self) -> list[str]:
        """Keys of the authenticator apps whose codes are right here."""
        apps = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.TOTP)
        return [decrypt(app.data["secret"]) for app in apps]


class AuthenticateForm(_CountsOnce, forms.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second step of a log-in."""


class ReauthenticateForm(_CountsOnce, forms.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Before a change of how somebody signs in."""


class ActivateForm(_CountsOnce, ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of a new app, which must not log anybody in afterwards."""

    def secrets(self) -> list[str]:
        return [self.secret]


def _step_of(code: str, secrets: list[str]) -> int | None:
    """The half minute this code belongs to; None where it is not a right one now."""
    steps = list(yield_hotp_counters_from_time())
    matching = (
        step
        for secret in secrets
        for step in steps
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
    )
    return max(matching, default=None)
