"""Opens an uploaded file as one stream of bytes (plain, gzip, zip), without trusting what it says of itself."""

import gzip
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from crm.lib import environment

from .problems import SourceError

BLOCK = 256 * 1024
# Below this even a bomb does no harm, and small tests of repeated rows compress very well.
_RATIO_MATTERS_FROM = 16 * 1024**2
_MAX_DIRECTORY = 1024**2
_ZIP, _GZIP, _OLD_EXCEL = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
_OTHER_ARCHIVES = (b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd")


class Limits(NamedTuple):
    """What a file may hold: rows, bytes when unpacked, and how many times its own size these are."""

    max_rows: int
    max_bytes: int
    max_ratio: int

    @classmethod
    def set(cls) -> Self:
        """As the environment says."""
        names = ("IMPORT_MAX_ROWS", "IMPORT_MAX_BYTES", "IMPORT_MAX_RATIO")
        return cls(*(environment.number(name) for name in names))


class Blocks:
    """The file's unpacked bytes, block by block. `position` is how much of the file on disk has been read."""

    def __init__(self, file: BinaryIO, stream: BinaryIO, compression: str, limits: Limits) -> None:
        self._file, self._stream, self.compression, self.limits = file, stream, compression, limits
        self.unpacked = 0

    @property
    def position(self) -> int:
        return self._file.tell()

    def __iter__(self) -> Iterator[bytes]:
        while block := self._read():
            self._count(len(block))
            yield block

    def _read(self) -> bytes:
        try:
            return self._stream.read(BLOCK)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
            raise SourceError("corrupt_archive" if self.compression else "not_found") from error

    def _count(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.max_bytes:
            raise SourceError("file_too_large", limit=self.limits.max_bytes)
        if self.compression and self.unpacked > max(_RATIO_MATTERS_FROM, self.limits.max_ratio * self.position):
            raise SourceError("compression_bomb", ratio=self.limits.max_ratio)


@contextmanager
def opened(path: str | os.PathLike[str], limits: Limits | None = None) -> Iterator[Blocks]:
    """The file at `path`. SourceError: not_found, empty_file, workbook, corrupt_archive, archive_…"""
    try:
        file = Path(path).open("rb")  # noqa: SIM115 (closed by the with below; opening alone is what may fail)
    except OSError as error:
        raise SourceError("not_found") from error
    with file:
        start = file.read(4)
        file.seek(0)
        if not start:
            raise SourceError("empty_file")
        stream, compression = _unpacked(file, start)
        with stream:
            yield Blocks(file, stream, compression, limits or Limits.set())


def refuse_bomb(path: str | os.PathLike[str]) -> None:
    """Unpack the first 16 MiB of an archive. Raises SourceError("compression_bomb"), and as `opened`."""
    with opened(path) as blocks:
        try:
            while blocks.compression and blocks.unpacked <= _RATIO_MATTERS_FROM and next(iter(blocks), b""):
                pass
        except SourceError as error:
            if error.code == "compression_bomb":
                raise  # What else is wrong with it the run will say, with the place.


def _unpacked(file: BinaryIO, start: bytes) -> tuple[BinaryIO, str]:
    if start.startswith(_GZIP):
        return _not_nested(gzip.GzipFile(fileobj=file)), "gz"  # type: ignore[arg-type]  # it reads like a file
    if start.startswith((_ZIP, b"PK\x05\x06")):
        return _not_nested(_only_member(file)), "zip"
    if start.startswith(_OLD_EXCEL):
        raise SourceError("workbook")
    if start.startswith(_OTHER_ARCHIVES):
        raise SourceError("corrupt_archive")
    return file, ""


def _only_member(file: BinaryIO) -> BinaryIO:
    _refuse_huge_directory(file)
    try:
        archive = zipfile.ZipFile(file)
        members = [entry for entry in archive.infolist() if not _is_clutter(entry.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise SourceError("corrupt_archive") from error
    if any(entry.filename in ("[Content_Types].xml", "mimetype") for entry in members):
        raise SourceError("workbook")
    if len(members) != 1:
        raise SourceError("archive_members", found=len(members))
    if members[0].flag_bits & 0x1:
        raise SourceError("archive_encrypted")
    try:
        return archive.open(members[0])  # type: ignore[return-value]  # IO[bytes] that only reads
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise SourceError("corrupt_archive") from error


def _is_clutter(name: str) -> bool:
    """Folders, and what macOS adds to every archive."""
    return name.endswith(("/", ".DS_Store")) or name.startswith("__MACOSX/")


def _refuse_huge_directory(file: BinaryIO) -> None:
    """zipfile builds an object for every entry the directory lists; a bomb may list millions in a small file."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - 65_557 - 20)
    file.seek(start)
    tail = file.read()
    file.seek(0)
    if (mark := tail.rfind(b"PK\x05\x06")) < 0 or len(tail) < mark + 22:
        raise SourceError("corrupt_archive")
    (size,) = struct.unpack_from("<I", tail, mark + 12)
    if mark >= 20 and tail[mark - 20 : mark - 16] == b"PK\x06\x07":
        file.seek(min(struct.unpack_from("<Q", tail, mark - 12)[0], end))
        record = file.read(56)
        file.seek(0)
        size = max(size, struct.unpack_from("<Q", record, 40)[0]) if len(record) == 56 else _MAX_DIRECTORY + 1
    if size > _MAX_DIRECTORY:
        raise SourceError("archive_members", found=size // 46)


def _not_nested(stream: BinaryIO) -> BinaryIO:
    try:
        start = stream.read(4)
        stream.seek(0)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise SourceError("corrupt_archive") from error
    if not start:
        raise SourceError("empty_file")
    if start.startswith((_ZIP, _GZIP, *_OTHER_ARCHIVES)):
        raise SourceError("archive_nested")
    return stream
