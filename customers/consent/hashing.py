"""The keyed hash by which suppressed addresses are known: HMAC-SHA256 of the address in its normal form.

The key follows from the installation's secret and the shop, so that nobody who has only the database can try addresses,
and one shop's list says nothing about another's. A new SECRET_KEY makes all of them strangers: docs/operations.md.
"""

import hashlib
import hmac

from django.conf import settings

from customers.domain.identity import match_value

_BLOCK = 64  # bytes, of SHA-256


def address_hash(shop_id: int, kind: str, address: str) -> bytes:
    """32 bytes. kind, address: as of an identifier, in its normal form (customers/domain/identity.py).

    Of what it is matched by: one more dot in an address at Gmail makes nobody another.
    """
    return hmac.new(_key(shop_id), f"{kind}:{match_value(kind, address)}".encode(), hashlib.sha256).digest()


def pads(shop_id: int) -> dict[str, bytes]:
    """For a statement that hashes many: sha256(outer || sha256(inner || kind:match_value)) is `address_hash`.

    PostgreSQL has no HMAC without an extension, but it has SHA-256 (RFC 2104: the key, padded, with two patterns).
    """
    key = _key(shop_id).ljust(_BLOCK, b"\0")
    return {"inner": bytes(byte ^ 0x36 for byte in key), "outer": bytes(byte ^ 0x5C for byte in key)}


def _key(shop_id: int) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"customers.suppression:{shop_id}".encode(), hashlib.sha256).digest()
