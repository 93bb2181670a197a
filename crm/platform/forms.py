"""The log-in to Django admin, with the same limits on failed tries as the one to the shops."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.admin.forms import AdminAuthenticationForm


class PlatformLoginForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        """Tries are counted by address and by client, together with those at the other log-in: one password, one count.

        Before the password is looked at: a try too many costs no hashing, and the right one tells nobody that it is.
        """
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email is not None and password:
            self.user_cache = get_adapter(self.request).authenticate(self.request, email=email, password=password)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data
