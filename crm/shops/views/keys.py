"""Keys of the REST API: made, shown once, rotated, revoked."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm.shops.access import requires
from crm.shops.forms import KeyForm
from crm.shops.keys import KeyNotUsable, create_key, revoke_key, rotate_key, storefronts_of_keys
from crm.shops.middleware import ShopRequest
from crm.shops.models import ROTATION_OVERLAP, ApiKey
from crm.shops.roles import ApiScope, Right

SHOWN_KEYS = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_KEYS)
def keys(request: ShopRequest, shop_slug: str) -> HttpResponse:
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row, secret = create_key(
            request.shop,
            name=data["name"],
            kind=data["kind"],
            scopes=data["scopes"],
            expires_at=form.expires_at(now()),
            source=data["source"],
            by=request.user,
        )
        return _shown_once(request, row, secret)
    return render(request, "settings/keys.html", _context(form), status=422 if form.errors else 200)


@dataclass(frozen=True)
class KeyRow:
    """One key as the page lists it. scopes: in words. dialog: the id of the question before it is revoked."""

    key: ApiKey
    is_usable: bool
    scopes: list[str]
    dialog: str


def _context(form: KeyForm) -> dict[str, Any]:
    at = now()
    rows = ApiKey.objects.order_by("-created_at", "-pk")[:SHOWN_KEYS]
    labels = dict(ApiScope.choices)
    keys = [
        KeyRow(key, key.is_usable(at), [str(labels.get(scope, scope)) for scope in key.scopes], f"revoke-{key.pk}")
        for key in rows
    ]
    return {
        "form": form,
        "keys": keys,
        "storefronts": storefronts_of_keys(),
        "overlap_hours": int(ROTATION_OVERLAP.total_seconds() // 3600),
    }


def _shown_once(request: ShopRequest, row: ApiKey, secret: str) -> HttpResponse:
    """No redirect: the key is nowhere kept, so this answer is the only place where it can stand."""
    return render(request, "settings/key_shown.html", {"key": row, "secret": secret}, status=201)


@never_cache
@require_POST
@requires(Right.MANAGE_KEYS)
def rotate(request: ShopRequest, shop_slug: str, key_id: int) -> HttpResponse:
    old = get_object_or_404(ApiKey, pk=key_id)
    try:
        row, secret = rotate_key(old, by=request.user, now=now())
    except KeyNotUsable:
        messages.error(request, _("This key has ended already; create a new one."))
        return redirect("settings:keys", shop_slug=shop_slug)
    return _shown_once(request, row, secret)


@require_POST
@requires(Right.MANAGE_KEYS)
def revoke(request: ShopRequest, shop_slug: str, key_id: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=key_id)
    revoke_key(key, by=request.user, now=now())
    messages.success(request, _("The key “%(name)s” opens nothing any more.") % {"name": key.name})
    return redirect("settings:keys", shop_slug=shop_slug)
