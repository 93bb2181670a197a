"""Static files of npm packages: only those listed here are served and collected, under `vendor/`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

PACKAGE_FILES = {
    "vendor/tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/echarts/echarts.min.js": "echarts/dist/echarts.min.js",
}
_SOURCE_MAP = re.compile(rb"^[ \t]*/[/*][#@] ?sourceMappingURL=.*$", re.MULTILINE)


def node_modules() -> Path:
    return Path(settings.BASE_DIR) / "node_modules"


class PackageStorage(FileSystemStorage):
    """Opens a listed package file by its static name."""

    def __init__(self) -> None:
        super().__init__(location=node_modules())

    def path(self, name: str) -> str:
        return str(node_modules() / PACKAGE_FILES[name])

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        # Without its source map the manifest storage refuses a file that names one, and the maps are megabytes.
        return ContentFile(_SOURCE_MAP.sub(b"", Path(self.path(name)).read_bytes()), name=name)


class PackageFinder(BaseFinder):
    def __init__(self, app_names: list[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self.storage = PackageStorage()
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [source for source in PACKAGE_FILES.values() if not (node_modules() / source).is_file()]
        hint = "Run `npm ci`."
        return [Error(f"node_modules/{source} is missing.", hint=hint, id="ui.E001") for source in missing]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:  # type: ignore[override]
        # An empty list is how Django's own finders say "not mine"; the stubs know only the older signature.
        found = [self.storage.path(path)] if path in PACKAGE_FILES else []
        return found[0] if found and not find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        return ((name, self.storage) for name in PACKAGE_FILES)
