"""The kinds of identifier by which a shop recognises people; an app adds one by registering it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.lib.registry import Registry
from customers.domain.identity import (
    Checked,
    normalise_customer_id,
    normalise_email,
    normalise_opaque_id,
    normalise_phone,
)

SOURCE_LENGTH = 40


@dataclass(frozen=True)
class IdentifierKind:
    """One kind of identifier.

    name: at most 24 letters, the column `kind`. normalise: the text as given and the country where numbers are read
    ("" for none) → its normal form. has_source: two sources may use one value for two people, as two storefronts do
    with customer 17; of one source a person has one. is_anonymous: it names a device, not a person; a customer with
    nothing else is nobody known yet, and joins whoever turns out to be behind it. strength, 1 to 99: which kind is
    believed where one record has identifiers of several people; of an anonymous one less than of all others.
    """

    name: str
    label: Promise
    normalise: Callable[[str, str], Checked]
    strength: int = 10
    has_source: bool = False
    is_anonymous: bool = False


IDENTIFIER_KINDS: Registry[IdentifierKind] = Registry("kind of identifier")

for _kind in (
    IdentifierKind(
        "external",
        _("Shop's customer number"),
        lambda raw, region: normalise_customer_id(raw, undo_float=False),
        strength=99,
        has_source=True,
    ),
    IdentifierKind("email", _("E-mail"), lambda raw, region: normalise_email(raw), strength=60),
    IdentifierKind("phone", _("Phone"), normalise_phone, strength=50),
    # An openid is one person's at one official account or mini program, a unionid at all of one owner.
    IdentifierKind(
        "wechat_openid",
        _("WeChat openid"),
        lambda raw, region: normalise_opaque_id(raw),
        strength=80,
        has_source=True,
    ),
    IdentifierKind("wechat_unionid", _("WeChat unionid"), lambda raw, region: normalise_opaque_id(raw), strength=90),
    IdentifierKind("device", _("Device"), lambda raw, region: normalise_opaque_id(raw), strength=1, is_anonymous=True),
):
    IDENTIFIER_KINDS.register(_kind)


OWN_NUMBER = 100  # the strength of the number of the storefront that writes; 99 is that of another's


def strength_of(kind: str, source: str, *, own_source: str) -> int:
    is_own = kind == "external" and source == own_source
    return OWN_NUMBER if is_own else IDENTIFIER_KINDS[kind].strength


def anonymous_kinds() -> list[str]:
    return [kind.name for kind in IDENTIFIER_KINDS if kind.is_anonymous]
