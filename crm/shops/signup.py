"""Sign-up of a new shop: person, address, shop, membership and audit entry in one transaction."""

from allauth.account.forms import SignupForm
from django.http import HttpRequest

from crm.shops.actions import next_shop_id
from crm.shops.models import User
from crm.shops.tenancy import shop_scope


class ShopOpeningForm(SignupForm):  # type: ignore[misc]  # allauth has no types
    """allauth's form, on top of ShopSignupForm (ACCOUNT_SIGNUP_FORM_CLASS)."""

    def save(self, request: HttpRequest) -> User:
        # The shop's key is taken ahead, so that its scope can hold all of it.
        with shop_scope(next_shop_id()):
            user: User = super().save(request)
        return user
