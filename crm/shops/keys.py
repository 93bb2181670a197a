"""API keys: `sk_<slug>_<43 characters>`. The slug opens the shop's scope, the hash is looked up inside it."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from crm.shops.audit.chain import Actor, record
from crm.shops.models import ROTATION_OVERLAP, ApiKey, Shop
from crm.shops.roles import ApiScope

TOUCH_EVERY = timedelta(minutes=1)  # how exact "last used" is; a write for each request would cost more than it tells


class KeyNotUsable(ValueError):
    """The key is revoked or expired already."""


def slug_of_key(key: str) -> str:
    """The shop's slug inside `sk_<slug>_<random>`; "" where the text is no key."""
    kind, _, rest = key.partition("_")
    slug, _, random = rest.rpartition("_")
    return slug if kind in ApiKey.Kind.values and random else ""


def hash_key(key: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(key.encode()).hexdigest()


def usable_key(key: str, *, now: datetime) -> ApiKey | None:
    """The key of the shop in scope, its last use noted; None if it is unknown, expired or revoked."""
    api_key = ApiKey.objects.filter(key_hash=hash_key(key)).first()
    if api_key is None or not api_key.is_usable(now):
        return None
    if api_key.last_used_at is None or now - api_key.last_used_at > TOUCH_EVERY:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now)
    return api_key


def storefronts_of_keys() -> "QuerySet[ApiKey, str]":
    """Those that keys of the shop in scope speak for, its own left out."""
    return ApiKey.objects.exclude(source="").values_list("source", flat=True).distinct().order_by("source")


@transaction.atomic
def create_key(
    shop: Shop,
    *,
    name: str,
    by: Actor,
    kind: str = ApiKey.Kind.SECRET,
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
    rotated_from: ApiKey | None = None,
    source: str = "",
) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which nobody can show a second time.

    No scopes means every scope for a secret key and none for a publishable one. ValueError for an unknown scope.
    """
    if unknown := set(scopes) - set(ApiScope.values):
        raise ValueError(f"Unknown scopes: {', '.join(sorted(unknown))}")
    if not scopes and kind == ApiKey.Kind.SECRET:
        scopes = ApiScope.values
    key = f"{kind}_{shop.slug}_{secrets.token_urlsafe(32).replace('_', '-')}"
    row = ApiKey.objects.create(
        shop=shop,
        name=name,
        kind=kind,
        hint=key.rpartition("_")[2][:4],
        key_hash=hash_key(key),
        scopes=sorted(scopes),
        expires_at=expires_at,
        rotated_from=rotated_from,
        source=source,
    )
    record("api_key.created", row, by=by, details={"kind": str(kind), "scopes": sorted(scopes)})
    return row, key


@transaction.atomic
def rotate_key(
    api_key: ApiKey, *, by: Actor, now: datetime, overlap: timedelta = ROTATION_OVERLAP
) -> tuple[ApiKey, str]:
    """A new key with the same rights; the old one works on for `overlap`. Raises KeyNotUsable."""
    current = ApiKey.objects.select_for_update().get(pk=api_key.pk)
    if not current.is_usable(now):
        raise KeyNotUsable(current)
    expires_at = min(now + overlap, current.expires_at or now + overlap)
    ApiKey.objects.filter(pk=current.pk).update(expires_at=expires_at)
    record("api_key.rotated", current, by=by, details={"overlap_seconds": int(overlap.total_seconds())})
    return create_key(
        current.shop,
        name=current.name,
        by=by,
        kind=current.kind,
        scopes=current.scopes,
        rotated_from=current,
        source=current.source,
    )


@transaction.atomic
def revoke_key(api_key: ApiKey, *, by: Actor, now: datetime) -> None:
    """From now on the key opens nothing. Revoking twice changes nothing."""
    if ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=now):
        record("api_key.revoked", api_key, by=by)
