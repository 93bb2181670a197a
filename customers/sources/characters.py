"""Digits, signs and spaces of all scripts in the form programs write them, so that cells can be compared and read."""

import unicodedata

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


def plain(text: str) -> str:
    """The text with decimal digits of any script as 0-9, full-width signs half-width, every space a space, every dash
    a hyphen, every apostrophe straight; without marks that nobody sees.
    """
    return text if text.isascii() else text.translate(_TABLE)
