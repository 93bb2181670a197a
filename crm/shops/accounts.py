"""How people come in: allauth's account adapter for dashboards."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from crm.shops.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Staff of the installation log in to /platform/ only: their accounts are closed to the web's database role."""
        if user.is_staff:
            raise PermissionDenied
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response
