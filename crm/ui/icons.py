"""Tabler's outline icons as inline SVG, read from the installed npm package."""

import re
from functools import cache

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

_PATHS = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_EMPTY_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
_NAME = re.compile(r"[a-z0-9-]+")


class UnknownIcon(LookupError):
    """No outline icon has this name: see tabler.io/icons."""


@cache
def _drawing(name: str) -> str:
    file = settings.BASE_DIR / "node_modules/@tabler/icons/icons/outline" / f"{name}.svg"
    match = _PATHS.search(file.read_text(encoding="utf-8")) if _NAME.fullmatch(name) and file.is_file() else None
    if match is None:
        raise UnknownIcon(name)
    return re.sub(r"\s+", " ", _EMPTY_BOX.sub("", match[1])).strip()


@cache
def icon_svg(name: str, size: int = 20) -> SafeString:
    """The icon, hidden from screen readers: the words beside it, or the control's label, say the same."""
    return mark_safe(  # noqa: S308 - our own markup around a package's drawing; the name is checked above
        f'<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{_drawing(name)}</svg>"
    )
