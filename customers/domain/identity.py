"""What makes two records the same person: e-mail addresses, phone numbers and shop ids in one normal form.

Each function answers with a Checked pair: the normal form, or None and a code that says what is wrong. Empty input is
no problem: (None, "").
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, ValidatedEmail, validate_email

EXTERNAL_ID_LENGTH = 200
EMAIL_LENGTH = 254

# Full-width forms of ! to ~, as Chinese keyboards write them, and the ideographic space and full stop.
_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0x3002: 0x2E}
_INVISIBLE = dict.fromkeys([0xFEFF, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0x00AD, *range(0x202A, 0x202F)])

# Addresses for which email-validator changes nothing but the case, at a thirtieth of its cost. Labels with hyphens in
# third and fourth place (xn--) and a last label of the special-use names are left to it.
_ATOM = r"[a-z0-9_!#$%&'*+/=?^`{|}~-]+"
_PLAIN_EMAIL = re.compile(
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@"
    r"(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,24}\Z"
)
_UNPRINTED = ("Cc", "Cs", "Zl", "Zp")
# Not line ends: an address with one is a forged mail header, not a typing slip.
_BLANKS = " \t\u00a0\u3000"
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,}\Z")
_FLOAT_ID = re.compile(r"([0-9]{1,15})\.0\Z")


class Checked(NamedTuple):
    """A normal form, or None with the code of what is wrong (empty when there was simply nothing)."""

    value: str | None
    problem: str


NOTHING = Checked(None, "")


def normalise_email(raw: str) -> Checked:
    """The address in lower case, its domain in Unicode, full-width characters made plain.

    Codes: invalid_email; reserved_email where all is well but the domain, one that receives no mail (`shop.test`).

    Equal: cases, also of the local part (no mail service in use tells them apart), full-width and plain, punycode
    and Unicode domain. Not equal: dots and +tags (only some services ignore them; a wrong merge is worse than a missed
    one). Syntax only, no DNS. Of the legal but unusual forms these are refused: comments and folded spaces, quoted
    local parts, address literals, local parts over 64 octets, reserved domains such as `localhost`.
    """
    text = raw.strip(_BLANKS).lower()
    if not text:
        return NOTHING
    if len(text) <= EMAIL_LENGTH and _PLAIN_EMAIL.match(text):
        return Checked(text, "")
    return _unusual_email(raw)


def _unusual_email(raw: str) -> Checked:
    text = raw.translate(_INVISIBLE).translate(_HALF_WIDTH).strip(_BLANKS)
    if not text:
        return NOTHING
    if len(text) > EMAIL_LENGTH:
        return Checked(None, "invalid_email")
    try:
        found = _validated(text)
    except EmailNotValidError:
        return Checked(None, "reserved_email" if _is_reserved(text) else "invalid_email")
    address = unicodedata.normalize("NFC", found.normalized.lower())
    return Checked(address, "") if len(address) <= EMAIL_LENGTH else Checked(None, "invalid_email")


def _validated(text: str) -> ValidatedEmail:
    return validate_email(text, check_deliverability=False, globally_deliverable=False, strict=True)


def _is_reserved(refused: str) -> bool:
    """Whether the end of its domain is all that is wrong: under another one it would be an address."""
    if re.split(r"[@.]", refused.lower())[-1] not in SPECIAL_USE_DOMAIN_NAMES:
        return False
    try:
        _validated(f"{refused}.com")
    except EmailNotValidError:
        return False
    return True


@lru_cache(maxsize=20_000)
def normalise_phone(raw: str, region: str) -> Checked:
    """The number as E.164 ("+8613800138000"), read as one of `region` (ISO code, or "") unless it begins with +.

    An extension is dropped: it is a room, not a person's line. Code: invalid_phone.
    """
    text = raw.translate(_INVISIBLE).translate(_HALF_WIDTH).strip()
    if not text:
        return NOTHING
    if len(text) > 60:
        return Checked(None, "invalid_phone")
    if _SCIENTIFIC.match(text):
        return Checked(None, "scientific_id")
    try:
        number = phonenumbers.parse(_FLOAT_ID.sub(r"\1", text), region or None)
    except phonenumbers.NumberParseException:
        return Checked(None, "invalid_phone")
    if not phonenumbers.is_valid_number(number):
        return Checked(None, "invalid_phone")
    return Checked(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), "")


def normalise_external_id(raw: str, *, undo_float: bool = True) -> Checked:
    """The shop's own id, trimmed and in NFC; case and leading zeros are kept, they may tell ids apart.

    "8.20983E+17" is refused (scientific_id): a spreadsheet has already thrown the last digits away. "13085.0" becomes
    "13085": a table program made a number with a gap in its column into a float; pass undo_float=False for ids where
    ".0" may be meant, such as product numbers. Other codes: control_character, too_long.
    """
    text = raw.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).strip().strip("\ufeff\u200b")
    if not text:
        return NOTHING
    if len(text) > EXTERNAL_ID_LENGTH:
        return Checked(None, "too_long")
    if not text.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text
    ):
        return Checked(None, "control_character")
    if _SCIENTIFIC.match(text):
        return Checked(None, "scientific_id")
    if undo_float and (whole := _FLOAT_ID.match(text)):
        text = whole[1]
    return Checked(text, "")
