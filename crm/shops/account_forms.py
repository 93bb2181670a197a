"""Forms that stand in for allauth's own (ACCOUNT_FORMS). Not in forms.py, which allauth itself imports."""

from allauth.account import forms

from crm.shops.models import User


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Not for staff of the installation: the web's database role may not write their accounts, so a link to a new
    password would end in an error. They hear what somebody without an account hears."""

    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [user for user in self.users if not user.is_staff]
        return email
