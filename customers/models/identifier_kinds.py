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
    with customer 17. is_anonymous: it names a device, not a person; a customer with nothing else is nobody known yet,
    and joins whoever turns out to be behind it.
    """

    name: str
    label: Promise
    normalise: Callable[[str, str], Checked]
    has_source: bool = False
    is_anonymous: bool = False


IDENTIFIER_KINDS: Registry[IdentifierKind] = Registry("kind of identifier")

for _kind in (
    IdentifierKind(
        "external",
        _("Shop's customer number"),
        lambda raw, region: normalise_customer_id(raw, undo_float=False),
        has_source=True,
    ),
    IdentifierKind("email", _("E-mail"), lambda raw, region: normalise_email(raw)),
    IdentifierKind("phone", _("Phone"), normalise_phone),
    # An openid is one person's at one official account or mini program, a unionid at all of one owner.
    IdentifierKind("wechat_openid", _("WeChat openid"), lambda raw, region: normalise_opaque_id(raw), has_source=True),
    IdentifierKind("wechat_unionid", _("WeChat unionid"), lambda raw, region: normalise_opaque_id(raw)),
    IdentifierKind("device", _("Device"), lambda raw, region: normalise_opaque_id(raw), is_anonymous=True),
):
    IDENTIFIER_KINDS.register(_kind)


def anonymous_kinds() -> list[str]:
    return [kind.name for kind in IDENTIFIER_KINDS if kind.is_anonymous]
