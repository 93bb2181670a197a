"""Forms of shops and people."""

from django import forms
from django.http import HttpRequest

from crm.shops.models import User


class ShopSignupForm(forms.Form):
    """What sign-up asks besides e-mail and password."""

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user exists."""
