"""Digits, signs and spaces of all scripts in the form programs write them, so that cells can be compared and read."""

import html
import re
import unicodedata
from collections.abc import Sequence

# Dashes that stand for minus; the long dash of prices ("12,–") is one of them.
_DASHES = "‐‑‒–—―−﹘﹣－"
_QUOTES = "’‘ʼ`´＇"


class _Plain(dict[int, str | None]):
    """A table for str.translate that fills itself; what stays as it is takes no place in it."""

    def __missing__(self, code: int) -> str | None:
        plain = _plain(chr(code))
        if plain == chr(code):
            raise LookupError(code)
        self[code] = plain
        return plain


def _plain(sign: str) -> str | None:
    if sign.isascii():
        return sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if sign in _DASHES:
        return "-"
    if sign in _QUOTES:
        return "'"
    category = unicodedata.category(sign)
    if category == "Zs":
        return " "
    if category == "Cf":  # marks of direction, zero-width spaces, the byte order mark
        return None
    if unicodedata.east_asian_width(sign) in "FH" and len(half := unicodedata.normalize("NFKC", sign)) == 1:
        return half
    return sign


_TABLE = _Plain()


_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_DEEPEST = 3  # programs that write web pages may write the same text twice over: "&amp;eacute;"
_EAST_ASIAN = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7a3·]+\Z")


def _letter(entity: re.Match[str]) -> str:
    """The letter or sign; what no name has, such as "<" and the end of a line, stays as it is written."""
    found = html.unescape(entity[0])
    return found if found.isprintable() and found not in "<>" else entity[0]


def readable(text: str) -> str:
    """The text as people read it: each letter with its accent as one character, and "&eacute;" as "é".

    Macs write an accent behind its letter; both look alike, and are the same name.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    for _ in range(_DEEPEST):
        if "&" not in text or (decoded := _ENTITY.sub(_letter, text)) == text:
            break
        text = decoded
    return text


def joined_name(parts: Sequence[str], *, is_given_first: bool) -> str:
    """One name of its parts. In East Asia the name of the family is in front, and nothing stands between them."""
    if is_given_first and len(parts) == 2 and all(_EAST_ASIAN.match(part) for part in parts):
        return parts[1] + parts[0]
    return " ".join(parts)


def plain(text: str) -> str:
    """The text with decimal digits of any script as 0-9, full-width signs half-width, every space a space, every dash
    a hyphen, every apostrophe straight; without marks that nobody sees.
    """
    return text if text.isascii() else text.translate(_TABLE)
