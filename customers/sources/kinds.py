"""Files that are no table, whatever they are called: told by their first bytes, each with a sentence of its own."""

import codecs
import re

from .problems import SourceError

_LOOKED_AT = 8 * 1024
_SIGNATURES = (
    ("pdf", (b"%PDF-",)),
    ("rtf", (b"{\\rtf",)),
    (
        "picture",
        (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*", b"8BPS", b"\x00\x00\x01\x00"),
    ),
    # Excel before 1997 wrote its records without the container of later versions.
    ("old_workbook", (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00\x00\x05")),
    ("not_text", (b"SQLite format 3\x00", b"PAR1", b"\x7fELF", b"OggS", b"ID3")),
)
_INSIDE = (  # bytes at a place further on, behind a size that differs
    ("picture", 8, (b"WEBP",), b"RIFF"),
    ("picture", 4, (b"ftyphei", b"ftypmif", b"ftypavif", b"ftypmsf"), b""),
    ("picture", 6, (b"\x00\x00\x00\x00",), b"BM"),
    ("not_text", 4, (b"ftyp",), b""),
)
_PROLOGUE = rb"(?:\s|<\?.*?\?>|<!--.*?-->)*"
_WEB_PAGE = re.compile(
    _PROLOGUE + rb"<(?:!doctype\s+html|html|head|body|title|meta|table|div|script|style|link|center|h[1-6]|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_DRAWING = re.compile(_PROLOGUE + rb"(?:<!doctype\s+svg[^>]*>\s*)?<svg\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(
    rb"\s*<(?:\?xml\b|!DOCTYPE\b|!--|[A-Za-z_][\w.:-]*(?:\s+[\w.:-]+\s*=\s*[\"'][^<]*)?/?>(?!\s*[,;\t\"]))"
)
_JSON = re.compile(rb"\s*(?:\{\s*(?:\"[^\"]*\"\s*:|\})|\[\s*(?:\{\s*[\"}]|\[\s*[\"\[\d]))")
_MAIL_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:(?:[ \t].*)?\Z|[ \t]+\S.*\Z|From \S+@\S+ .*\Z")
# Lines that only mail has; "From:" and "Date:" alone may stand above the heading of a report.
_MAIL_NAMES = re.compile(
    rb"(?:message-id|mime-version|received|return-path|delivered-to|dkim-signature|content-transfer-encoding):", re.I
)
_CONTROLS = bytes(code for code in range(32) if code not in b"\x00\t\n\x0b\x0c\r\x1a\x1b")


def refuse_other_kinds(start: bytes) -> None:
    """Raise SourceError (web_page, json, pdf, picture, rtf, mail, xml, old_workbook, not_text) if it is one."""
    start = _bytes_of_text(start[:_LOOKED_AT])
    if code := _signed(start) or _written(start):
        raise SourceError(code)
    # NULs are left to UTF-16 and to the report of damaged rows; other control characters are in no text.
    if len(start) - len(start.translate(None, _CONTROLS)) > len(start) / 20:
        raise SourceError("not_text")


def _bytes_of_text(start: bytes) -> bytes:
    """Without its byte-order mark, and a byte for each character, so that "<html" is found in UTF-16 too."""
    if start.startswith(codecs.BOM_UTF8):
        return start[len(codecs.BOM_UTF8) :]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not start.startswith(b"\xff\xfe\x00\x00"):
        return start.decode("utf-16", "replace").encode("utf-8")
    return start


def _signed(start: bytes) -> str:
    for code, marks in _SIGNATURES:
        if start.startswith(marks):
            return code
    for code, at, marks, before in _INSIDE:
        if start.startswith(before) and start.startswith(marks, at):
            return code
    return ""


def _written(start: bytes) -> str:
    if start.lstrip()[:1] not in (b"<", b"{", b"["):
        return "mail" if _is_mail(start) else ""
    if _DRAWING.match(start):
        return "picture"
    if _WEB_PAGE.match(start):
        return "web_page"
    if _XML.match(start):
        return "xml"
    return "json" if _JSON.match(start) else ""


def _is_mail(start: bytes) -> bool:
    """Whether the file begins with a block of lines such as "Subject: …", one of which only mail has."""
    is_mail = False
    for line in start.lstrip().splitlines():
        if not line.strip():
            break
        if not _MAIL_LINE.match(line):
            return False
        is_mail = is_mail or bool(_MAIL_NAMES.match(line))
    return is_mail
