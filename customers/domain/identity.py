"""What makes two records the same person: e-mail addresses, phone numbers and shop ids in one normal form.

Each function answers with a Checked pair: the normal form (`given_of` knows how it was written), or None and a code
that says what is wrong. Empty input is
no problem: (None, ""). Nor are the words that stand for nobody (PLACEHOLDER), which are only counted, and what a
marketplace has masked (MASKED), which is told but costs no row: the order is real.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, ValidatedEmail, validate_email

from .spreadsheets import unwrapped

EXTERNAL_ID_LENGTH = 200
EMAIL_LENGTH = 254
GIVEN_LENGTH = 254  # a longer text is not kept as it was given

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
_SIGNS = ("Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "Zs")
_UNPRINTED = ("Cc", "Cs", "Zl", "Zp")
# Not line ends: an address with one is a forged mail header, not a typing slip.
_BLANKS = " \t\u00a0\u3000"
# An asterisk beside a letter; the local parts that may hold one by the letter of the standard have signs around it.
_MASKED_EMAIL = re.compile(r"\*\*|[^\W_]\*|\*[^\W_]|\*@|[•●…]|\.\.\.")
_MASKED_PHONE = re.compile(r"[*•●…]|[xX#_?]{2,}")
# Orders over a marketplace carry a number that rings through for some weeks, told apart only by the extension.
_VIRTUAL_PHONE = re.compile(
    r"(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}\s*"
    r"(?:[-,;:/#_~转轉接(\[【]|分机|ext\.?|x)+\s*[0-9]{1,6}\s*[)\]】]?\Z",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,}\Z")
_FLOAT_ID = re.compile(r"([0-9]{1,15})\.0\Z")


class Checked(NamedTuple):
    """A normal form, or None with the code of what is wrong (empty when there was simply nothing)."""

    value: str | None
    problem: str


class Normal(str):
    """A normal form that is equal to any other text of its letters, and remembers how it was written."""

    __slots__ = ("given",)
    given: str

    def __new__(cls, value: str, given: str) -> "Normal":
        made = super().__new__(cls, value)
        made.given = given
        return made


def given_of(value: str) -> str:
    """How a value out of this module was written, in one line; "" where that is the value itself, or cannot be kept."""
    return value.given if isinstance(value, Normal) else ""


def written_of(identifiers: Iterable[tuple[str, str | None]]) -> dict[tuple[str, str], str]:
    """(kind, normal form) → how it was written, of those written otherwise; of several ways the first counts."""
    written: dict[tuple[str, str], str] = {}
    for kind, value in identifiers:
        if value is not None and (given := given_of(value)):
            written.setdefault((kind, value), given)
    return written


NOTHING = Checked(None, "")
PLACEHOLDER = "placeholder"
MASKED = frozenset(["masked_id", "masked_email", "masked_phone", "virtual_phone"])

# What shops write where they know nobody: compared without case, brackets, and what stands between words.
NOBODY = frozenset(
    [
        "null", "none", "nil", "nan", "na", "n/a", "n.a", "n.a.", "k.a.", "#n/a", "#name?", "#null!", "#ref!",
        "#value!", "\\n", "undefined", "unknown", "empty", "blank", "not available", "not provided",
        "not applicable", "not set", "not given", "true", "false", "guest", "guests", "guest user", "guest customer",
        "guest checkout", "guest account", "guest buyer", "anonymous", "anonymous user", "anonymous customer",
        "anon", "nobody", "walk in", "walk in customer", "no email", "no e mail", "no phone", "no number", "gast",
        "gastkunde", "gastbestellung", "unbekannt", "keine", "keine angabe", "invité", "anonyme", "inconnu", "aucun",
        "invitado", "anónimo", "ospite", "anonimo", "游客", "普通游客", "访客", "散客", "匿名", "匿名用户",
        "匿名买家", "匿名客户", "匿名会员", "无", "無", "没有", "暂无", "空", "空值", "未知", "不详", "未填",
        "未填写", "未提供", "未登录", "未注册", "非会员", "路人", "普通顾客", "零售客户", "无邮箱", "无手机",
        "无手机号", "无电话", "ゲスト", "匿名希望", "なし", "비회원", "없음", "гость",
    ]
)  # fmt: skip
# And what they type where a form wants an address: in front of the @ or behind it, without what stands between words.
_NO_MAIL = (
    "noemail", "noemailaddress", "nomail", "noemailprovided", "noemailgiven", "noaddress", "notprovided", "notgiven",
    "notavailable", "notapplicable", "none", "null", "nil", "nobody", "noone", "unknown", "keinemail", "keineemail",
    "keinemailadresse", "pasdemail", "sinemail", "sincorreo", "nemail", "semail", "sememail", "nessunaemail",
)  # fmt: skip
_NO_MAILBOXES = frozenset(
    [*_NO_MAIL, "noreply", "donotreply", "na", "nan", "undefined", "anonymous", "anonym", "guest", "walkincustomer"]
)
_NO_DOMAINS = frozenset(_NO_MAIL) - {"none", "null", "nil", "unknown", "noone", "nobody"}
# "test@test.com", but not "bob@bob.com", which may be Bob's.
_BOTH_SIDES = frozenset(
    ["test", "email", "mail", "no", "na", "none", "null", "nil", "unknown", "abc", "xx", "xxx",
     "asdf", "example", "nobody"]
)  # fmt: skip
_NUMBER_OF_NOBODY = re.compile(r"(?:-?0+(?:\.0+)?|-1)\Z")
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_BETWEEN_LETTERS = re.compile(r"[._-]+")
_LONGEST_PLACEHOLDER = 24


def is_placeholder(text: str) -> bool:
    """Whether the text stands for "nobody" where an identifier should be: 0, NULL, N/A, --, Guest, 游客."""
    text = text.strip()
    if not text or len(text) > _LONGEST_PLACEHOLDER:
        return False
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if text.isdecimal() or text[0] == "-":
        return bool(_NUMBER_OF_NOBODY.match(text)) or _is_only_signs(text)
    key = _BETWEEN_WORDS.sub(" ", text.casefold()).strip("()[]<>{}\"' ")
    return key in NOBODY or bool(_NUMBER_OF_NOBODY.match(key)) or _is_only_signs(text)


# Where a place or a tag should be: how programs write "nothing", letter by letter. Fewer than for identifiers, since
# there are towns called Nan (Thailand) and Null, and "Gast" may be a tag. None near Turin is the one that is lost.
_UNSAID = frozenset(
    ["NULL", "null", "(null)", "\\N", "nan", "NaN", "NAN", "N/A", "n/a", "#N/A", "None", "none", "NONE", "无", "無"]
)
_STROKES = "-–—"


def _is_no_mailbox(address: str) -> bool:
    """Whether the address, in lower case, is what people type who give none: noemail@…, no-reply@…, test@test.com."""
    local, _, domain = address.partition("@")
    name, label = (_BETWEEN_LETTERS.sub("", part) for part in (local, domain.partition(".")[0]))
    return name in _NO_MAILBOXES or label in _NO_DOMAINS or (name == label and name in _BOTH_SIDES)


def is_unsaid(text: str) -> bool:
    """Whether the text of a city, country or tag says that there is none: NULL, nan, N/A, -, None, 无."""
    text = text.strip()
    return text in _UNSAID or (bool(text) and not text.strip(_STROKES))


def _is_only_signs(text: str) -> bool:
    return all(unicodedata.category(sign) in _SIGNS for sign in text)


def normalise_email(raw: str) -> Checked:
    """The address in lower case, its domain in Unicode, full-width characters made plain.

    Codes: invalid_email; reserved_email where all is well but the domain, one that receives no mail (`shop.test`);
    masked_email (`a***@x.com`), of which two may be two people; placeholder, also for what people type who give none
    (`noemail@noemail.com`, `no-reply@shop.com`, `test@test.com`).

    Equal: cases, also of the local part (no mail service in use tells them apart), full-width and plain, punycode
    and Unicode domain. Dots and +tags stay: match_value knows who ignores them. Syntax only, no DNS. Of the legal but
    unusual forms these are refused: comments and folded spaces, quoted local parts, address literals, local parts over
    64 octets, reserved domains such as `localhost`.
    """
    text = raw.strip(_BLANKS).lower()
    if not text:
        return NOTHING
    if len(text) <= EMAIL_LENGTH and _PLAIN_EMAIL.match(text) and text[0] not in "'`" and "*" not in text:
        return Checked(None, PLACEHOLDER) if _is_no_mailbox(text) else _written(Checked(text, ""), raw)
    return _written(_unusual_email(raw), raw.translate(_INVISIBLE))


def _written(checked: Checked, raw: str) -> Checked:
    """The same, with a value that remembers the raw text, where that can be shown; blanks around are no part of it."""
    if checked.value is None or checked.value == raw:
        return checked
    given = " ".join(raw.split())
    if given == checked.value or len(given) > GIVEN_LENGTH or not given.isprintable():
        return checked
    return Checked(Normal(checked.value, given), "")


def _unusual_email(raw: str) -> Checked:
    text = raw.translate(_INVISIBLE).translate(_HALF_WIDTH).strip(_BLANKS)
    # Marks are taken off in one line only: with a line end it is a forged header, to be refused as it is.
    text = unwrapped(text) if text.isprintable() else text
    if not text:
        return NOTHING
    if is_placeholder(text):
        return Checked(None, PLACEHOLDER)
    if len(text) > EMAIL_LENGTH:
        return Checked(None, "invalid_email")
    if "@" in text and _MASKED_EMAIL.search(text):
        return Checked(None, "masked_email")
    try:
        found = _validated(text)
    except EmailNotValidError:
        return Checked(None, "reserved_email" if _is_reserved(text) else "invalid_email")
    address = unicodedata.normalize("NFC", found.normalized.lower())
    if _is_no_mailbox(address):
        return Checked(None, PLACEHOLDER)
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
    """The number as E.164 ("+8613800138000"), read as one of `region` (ISO code, or "") unless it begins with + or 00.

    The extension of a landline is dropped: it is a room, not a person's line. A mobile number has none but where a
    marketplace lends it to many buyers (virtual_phone). Other codes: invalid_phone, unassigned_phone where it begins
    with + or 00, masked_phone (`138****8001`), scientific_id, placeholder.
    """
    text = unwrapped(raw.translate(_INVISIBLE).translate(_HALF_WIDTH))
    if not text:
        return NOTHING
    if is_placeholder(text):
        return Checked(None, PLACEHOLDER)
    if len(text) > 60:
        return Checked(None, "invalid_phone")
    if _SCIENTIFIC.match(text):
        return Checked(None, "scientific_id")
    if _MASKED_PHONE.search(text) and any(sign.isdecimal() for sign in text):
        return Checked(None, "masked_phone")
    if _VIRTUAL_PHONE.match(text):
        return Checked(None, "virtual_phone")
    return _written(_read_phone(_FLOAT_ID.sub(r"\1", text), region), raw.translate(_INVISIBLE))


def _read_phone(text: str, region: str) -> Checked:
    number = _with_lost_plus(text, _valid_number(text, region))
    # Where people dial abroad with 011 (North America) or 010 (Japan), exports still write 0049.
    if number is None and text.startswith("00"):
        number = _valid_number("+" + text[2:], region)
    if number is None:
        return Checked(None, "unassigned_phone" if _is_international(text) else "invalid_phone")
    if number.extension and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE:
        return Checked(None, "virtual_phone")
    return Checked(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), "")


def _with_lost_plus(text: str, number: phonenumbers.PhoneNumber | None) -> phonenumbers.PhoneNumber | None:
    """The number as read within its country, or as the whole one of which a spreadsheet has taken the plus sign.

    4915112345678 is somebody's mobile, and would be a landline in Germany, too. Where both could be it is the mobile;
    where neither or each is one, None.
    """
    if number is None or not text.lstrip("( ").startswith(str(number.country_code)):
        return number
    whole = _valid_number("+" + text.lstrip("( "), "")
    if whole is None or whole.country_code != number.country_code or _digits_of(whole) == _digits_of(number):
        return number
    mobiles = [each for each in (whole, number) if phonenumbers.number_type(each) in _MOBILES]
    return mobiles[0] if len(mobiles) == 1 else None


_MOBILES = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _digits_of(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.national_significant_number(number)


def _is_international(phone: str) -> bool:
    """Whether a number is written with its country code: +44 20 …, (+44) 20 …, 0044 20 …"""
    return phone.lstrip(" (").startswith(("+", "00"))


def _valid_number(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


# They ignore dots and what follows a plus sign, and are one service by two names. Others that know +tags may mean
# another mailbox by them, and a wrong merge is worse than a missed one.
DOTLESS_DOMAINS = frozenset(["gmail.com", "googlemail.com"])


def match_value(kind: str, value: str) -> str:
    """What a normalised identifier is compared by: that of Ana.B+news@googlemail.com is anab@gmail.com.

    The column `match_value` of the model Identifier and of the staging tables is the same by SQL.
    """
    local, at, domain = value.partition("@")
    if kind == "email" and at and domain in DOTLESS_DOMAINS:
        mailbox = local.partition("+")[0].replace(".", "")
        return f"{mailbox}@gmail.com" if mailbox else value
    return value


def mailbox(email: str) -> str:
    """Where mail to a normalised address most likely ends up: to count by, never to know anybody by."""
    local, _, domain = match_value("email", email).partition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def normalise_opaque_id(raw: str) -> Checked:
    """An id that a program gave, such as a WeChat openid or a cookie's: trimmed, case kept. Codes: control_character,
    too_long."""
    text = raw.strip()
    if len(text) > EXTERNAL_ID_LENGTH:
        return Checked(None, "too_long")
    if not text.isprintable():
        return Checked(None, "control_character")
    return Checked(text, "") if text else NOTHING


def normalise_customer_id(raw: str, *, undo_float: bool = True) -> Checked:
    """The shop's own number of a customer, as normalise_external_id has it, and two more codes: placeholder, and
    masked_id for what a marketplace has masked (`t**8`), which may be of many.
    """
    if is_placeholder(unwrapped(raw)):
        return Checked(None, PLACEHOLDER)
    if "**" in raw:
        return Checked(None, "masked_id")
    return _written(normalise_external_id(raw, undo_float=undo_float), raw)


def normalise_external_id(raw: str, *, undo_float: bool = True) -> Checked:
    """The shop's own id, trimmed and in NFC; case and leading zeros are kept, they may tell ids apart.

    What keeps it text in a spreadsheet is taken off: ="00123" and '00123 are 00123. "8.20983E+17" is refused
    (scientific_id): a spreadsheet has already thrown the last digits away. "13085.0" becomes "13085": a table program
    made a number with a gap in its column into a float; pass undo_float=False for ids where ".0" may be meant, such
    as product numbers. Other codes: control_character, too_long.
    """
    text = unwrapped(raw)
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
