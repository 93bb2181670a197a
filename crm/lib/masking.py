"""What looks like an e-mail address or a phone number, hidden wherever it stands in a text.

Shops keep contacts in all kinds of columns: an address as customer number, a phone in a name or an order number. So
what a role may not see is told by how it looks, not by where it stands. What is masked, and what is not:

| text | taken for | shown |
|---|---|---|
| anna@example.com, ＡＮＮＡ＠ｅｘａｍｐｌｅ．ｃｏｍ, 王小明@例子.公司, an @ b.com | address | a•••@example.com |
| + and 7 digits or more, in any grouping: +49 (0)151 1210-0000 | phone | +49•••0000 |
| 0 or 00, then a digit from 1, 8 digits or more in all: 0151 12100000, 0049.151.12100000 | phone | •••0000 |
| 1[3-9] and 9 digits, also behind 86, also grouped 3-4-4: 138-0013-8000, wx13800138000 | mobile in China | •••8000 |
| 3-3-4 digits, grouped, no group with 0 or 1 first: (415) 555-2671 | phone in North America | •••2671 |
| other digits: 17850, 1000123, 4006381333931, A0151121000, 20261120-0001 | number | as it is |
| 000 first: 00012345 | number filled up with zeros | as it is |
| dates and times: 01.02.2026, 2026-11-20 10:00 | date | as it is |
| amounts: 1,234.50 | amount | as it is |
| an @ without a domain behind it: @anna, 3 @ 20.00 | text | as it is |

Digits and signs count in every form Unicode has for them (full-width, Arabic, typographic dashes, spaces that do not
break, characters without width). A customer number of 11 digits from 13 to 19 is masked, being a mobile number as like
as not; a national number without its 0 outside China and North America is not told from other digits.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import phonenumbers

HIDDEN = "•••"

# A word that may be part of an address; an address begins where a word does.
_WORD = r"[^\s<>()\[\],;:\"“”„«»，；：（）《》、]"
_LABELS = r"[^\W_](?:[\w.\u200b-]*[\w\u200b])?"
_EMAIL = re.compile(
    rf"(?<!{_WORD})(?P<local>{_WORD}+)(?P<at>[ \u200b]?@[ \u200b]?)"
    rf"(?P<domain>{_LABELS}\.(?:xn--[a-z0-9-]+|[^\W\d_]{{2,}}))",
    re.IGNORECASE,
)

_DATE = (
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}(?P<sign>[-./])[01]?[0-9](?P=sign)[0-3]?[0-9]"
    r"|[0-3]?[0-9](?P<mark>[-./])[0-3]?[0-9](?P=mark)(?:19|20)[0-9]{2})(?![0-9])"
)
_GAP = r"[ .\-/()\u200b]{0,4}"
_PHONE = re.compile(
    rf"(?P<date>{_DATE})"
    rf"|\+{_GAP}[0-9](?:{_GAP}[0-9]){{6,}}"
    rf"|(?<![0-9A-Za-z_•])\(?0{_GAP}(?:0{_GAP})?[1-9](?:{_GAP}[0-9]){{5,}}"
    r"|(?<![0-9•])(?:86[ \-\u200b]?)?1[3-9][0-9][ .\-\u200b]?[0-9]{4}[ .\-\u200b]?[0-9]{4}(?![0-9])"
    r"|(?<![0-9•])(?:1[ .-])?\(?[2-9][0-9]{2}(?:\)[ .-]?|[ .-])[2-9][0-9]{2}[ .-][0-9]{4}(?![0-9])"
)
_SHORTEST = 8  # digits of a phone number that does not begin with +
# Most texts are neither, and are told so at a glance.
_SUSPECT = re.compile(r"[@＠﹫]|(?:\d\D{0,6}){7}|[①-⓿⁰-₉𝟎-𝟿]")
_SIGNS = {"Pd": "-", "Zs": " ", "Cf": "\u200b"}


def masked_text(text: str) -> str:
    """The text with every address and phone number in it masked; masking it again changes nothing."""
    if not _SUSPECT.search(text):
        return text
    # Twice: a phone number that ran into an address is a part of what stands before the @ now.
    return _without_emails(_without_phones(_without_emails(text)))


def mask_email(email: str) -> str:
    """王小明@qq.com → 王•••@qq.com: enough to recognise one's own, too little to write to."""
    if HIDDEN in email:
        return email
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}{HIDDEN}{at}{domain}" if at else HIDDEN


def mask_phone(phone: str) -> str:
    """+8613800138000 → +86•••8000: the last four digits, and the country if the number is a valid one."""
    if HIDDEN in phone:
        return phone
    digits = [character for character in phone if character.isdigit()]
    if len(digits) < 8:
        return HIDDEN
    return f"{_country(phone)}{HIDDEN}{''.join(digits[-4:])}"


@lru_cache(maxsize=5_000)  # a list names a customer several times, and files of orders name them again and again
def _country(phone: str) -> str:
    try:
        return f"+{phonenumbers.parse(phone, None).country_code}"
    except phonenumbers.NumberParseException:
        return ""


def _without_emails(text: str) -> str:
    def hide(match: re.Match[str]) -> str:
        start, end = match.span("domain")
        return f"{text[match.start()]}{HIDDEN}@{text[start:end]}"

    return _replaced(_EMAIL, text, hide)


def _without_phones(text: str) -> str:
    def hide(match: re.Match[str]) -> str:
        start, end = match.span()
        digits = sum(character.isdigit() for character in match[0])
        if match["date"] or (digits < _SHORTEST and "+" not in match[0]):
            return text[start:end]
        return mask_phone(match[0].replace("\u200b", ""))

    return _replaced(_PHONE, text, hide)


def _replaced(pattern: re.Pattern[str], text: str, hide: Callable[[re.Match[str]], str]) -> str:
    """Looks for the pattern in the plain form of the text, and writes into the text itself."""
    pieces, last = [], 0
    for match in pattern.finditer(_plain(text)):
        pieces += [text[last : match.start()], hide(match)]
        last = match.end()
    return "".join([*pieces, text[last:]])


def _plain(text: str) -> str:
    """Of the same length: every digit, dash, space, @, + and stop as ASCII has it."""
    return text if text.isascii() else text.translate(_PLAIN)


class _Plain(dict[int, str]):
    """A table for str.translate that fills itself, with the signs of one text as of a whole file."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_SIGNS:
            self.clear()
        self[code] = plain = _plain_sign(chr(code))
        return plain


_MOST_SIGNS = 20_000
_PLAIN = _Plain()


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    category = unicodedata.category(sign)
    if category in _SIGNS:
        return _SIGNS[category]
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if sign == "。":
        return "."
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 else sign
