"""Forms that stand in for allauth's own (ACCOUNT_FORMS). Not in forms.py, which allauth itself imports."""

from typing import Any

from allauth.account import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from crm.shops.forms import hold_slug
from crm.shops.models import User
from crm.shops.passwords import refuse_guessable


class SignupForm(forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    """An address that has an account gets the same answer as a new one, and makes nothing. Nor may it be told apart by
    what a new one leaves behind: a password takes time to hash, and the short name is taken from then on."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if password := data.get("password1"):
            try:
                refuse_guessable(password, names=[data.get("shop_name", ""), data.get("slug", "")])
            except ValidationError as error:
                self.add_error("password1", error)
        return data

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
            hold_slug(self.cleaned_data["slug"], for_email=self.cleaned_data["email"])
        return super().try_save(request)


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Not for staff of the installation: the web's database role may not write their accounts, so a link to a new
    password would end in an error. They hear what somebody without an account hears."""

    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [user for user in self.users if not user.is_staff]
        return email
