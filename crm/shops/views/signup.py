"""Sign-up of a new shop: person, address, shop, membership, audit entry and mail, all or nothing."""

from allauth.account.views import signup
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from crm.shops.actions import next_shop_id
from crm.tenancy.scope import shop_scope


@login_not_required
def sign_up(request: HttpRequest) -> HttpResponse:
    """allauth's page; its form is ShopSignupForm (ACCOUNT_SIGNUP_FORM_CLASS)."""
    if request.method != "POST":
        return answer(request)
    # The shop's key is taken ahead, so that its scope can hold all of it. The mail is sent inside: a mail server that
    # is down must not leave an account that nobody can confirm and a short name that nobody else can have.
    with shop_scope(next_shop_id()):
        response = answer(request)
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return response


def answer(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = signup(request)
    return response
