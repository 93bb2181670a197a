"""Names that people give themselves and their shops, where strangers read them: in mails that we send for them."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST_IN_MAIL = 60
_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)
# What mail programs make a link of, too: a dot with letters on both sides, as in tea.example.
_LINK_LIKE = re.compile(r"[^\W_][.。．｡][^\W\d_]{2}|[/\\@]|//", re.IGNORECASE)
_ENCODED = "=?"  # begins words of a mail's header that programs decode, so into what nobody has looked at (RFC 2047)
_UNPRINTED = ("Cc", "Cs", "Zl", "Zp")  # line ends and other control characters
# No width, or the text behind them runs the other way. (Emoji and some scripts are made with others of the kind.)
_HIDDEN = frozenset("\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


def validate_name(name: str) -> None:
    """A name of a shop or person: one line, and no link."""
    if _has_unprinted(name):
        raise ValidationError(_("A name is one line, without hidden characters."), code="hidden_character")
    if _LINK.search(name):
        raise ValidationError(_("A name holds no link."), code="link")


def harmless(name: str, *, instead: str) -> str:
    """The name as it may stand in a mail to a stranger; `instead` of one that reads like a message itself."""
    name = name.strip()
    is_harmless = 0 < len(name) <= LONGEST_IN_MAIL and not _has_unprinted(name) and _ENCODED not in name
    return name if is_harmless and not (_LINK.search(name) or _LINK_LIKE.search(name)) else instead


def _has_unprinted(text: str) -> bool:
    return any(unicodedata.category(sign) in _UNPRINTED or sign in _HIDDEN for sign in text)
