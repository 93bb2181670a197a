"""Opens an uploaded file as one stream of bytes (plain, gzip, zip), without trusting what it says of itself."""

import gzip
import os
import re
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
# What systems and programs leave in every archive, and what people pack beside the data.
_CLUTTER = re.compile(r"__MACOSX/|(?:.*/)?(?:\.[^/]*|Thumbs\.db|desktop\.ini)\Z|.*/\Z", re.IGNORECASE)
_README = re.compile(
    r"(?:.*/)?(?:read[ _-]?me|licen[cs]e|(?:使用)?说明|自述|必读|请先阅读)[^/.]*"
    r"(?:\.(?:txt|md|html?|pdf|rtf|docx?))?\Z",
    re.IGNORECASE,
)
# Names of the streams inside the container that Office used before 2007, as they stand in its directory.
_CONTAINED = (
    ("workbook_encrypted", "EncryptedPackage"),
    ("old_workbook", "Workbook"),
    ("old_workbook", "Book"),
    ("document", "WordDocument"),
    ("document", "PowerPoint Document"),
    ("mail", "__substg1.0_"),
)


class Limits(NamedTuple):
    """What a file may hold: rows, bytes when unpacked, how many times its own size these are; bytes of a workbook."""

    max_rows: int
    max_bytes: int
    max_ratio: int
    max_workbook_bytes: int

    @classmethod
    def set(cls) -> Self:
        """As the environment says."""
        names = ("IMPORT_MAX_ROWS", "IMPORT_MAX_BYTES", "IMPORT_MAX_RATIO", "IMPORT_MAX_WORKBOOK_BYTES")
        return cls(*(environment.number(name) for name in names))


class Blocks:
    """The file's unpacked bytes, block by block. `position` is how much of the file on disk has been read.

    A workbook ("xlsx") is not unpacked here: `file` is handed to what reads sheets.
    """

    def __init__(self, file: BinaryIO, stream: BinaryIO, compression: str, limits: Limits) -> None:
        self.file, self._stream, self.compression, self.limits = file, stream, compression, limits
        self.unpacked = 0

    @property
    def position(self) -> int:
        return self.file.tell()

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
        if self.compression:
            self.refuse_ratio(self.unpacked, self.position)

    def refuse_ratio(self, unpacked: int, packed: int) -> None:
        """SourceError compression_bomb if so few packed bytes cannot honestly have become so many."""
        if unpacked > max(_RATIO_MATTERS_FROM, self.limits.max_ratio * packed):
            raise SourceError("compression_bomb", ratio=self.limits.max_ratio)


@contextmanager
def opened(path: str | os.PathLike[str], limits: Limits | None = None) -> Iterator[Blocks]:
    """The file at `path`. SourceError: not_found, empty_file, corrupt_archive, archive_…, workbook and other kinds."""
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
            is_packed = blocks.compression in ("gz", "zip")  # a workbook is bounded where it is opened
            while is_packed and blocks.unpacked <= _RATIO_MATTERS_FROM and next(iter(blocks), b""):
                pass
        except SourceError as error:
            if error.code == "compression_bomb":
                raise  # What else is wrong with it the run will say, with the place.


def _unpacked(file: BinaryIO, start: bytes) -> tuple[BinaryIO, str]:
    if start.startswith(_GZIP):
        return _not_nested(gzip.GzipFile(fileobj=file)), "gz"  # type: ignore[arg-type]  # it reads like a file
    if start.startswith((_ZIP, b"PK\x05\x06")):
        archive = _archive(file)
        if _is_workbook({name.lower() for name in archive.namelist()}):
            return file, "xlsx"
        return _not_nested(_only_member(archive)), "zip"
    if start.startswith(_OLD_EXCEL):
        raise SourceError(_contained(file))
    if start.startswith(_OTHER_ARCHIVES):
        raise SourceError("corrupt_archive")
    return file, ""


def _archive(file: BinaryIO) -> zipfile.ZipFile:
    _refuse_huge_directory(file)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise SourceError("corrupt_archive") from error


def _is_workbook(names: set[str]) -> bool:
    """Whether the archive is an Excel workbook. SourceError for the other files that are archives too."""
    if "[content_types].xml" in names:
        if "xl/workbook.bin" in names:
            raise SourceError("workbook")
        if any(name.startswith(("word/", "ppt/", "visio/")) for name in names):
            raise SourceError("document")
        return True
    if "mimetype" in names and "meta-inf/manifest.xml" in names:
        raise SourceError("opendocument")
    if "index/document.iwa" in names or "index.zip" in names:  # Numbers, Pages
        raise SourceError("workbook")
    return False


def _only_member(archive: zipfile.ZipFile) -> BinaryIO:
    members = [entry for entry in archive.infolist() if not _CLUTTER.match(entry.filename)]
    members = [entry for entry in members if not _README.match(entry.filename)] or members
    if not members:
        raise SourceError("archive_empty")
    if len(members) > 1:
        raise SourceError("archive_members", found=len(members), names=_listed(members))
    if members[0].flag_bits & 0x1:
        raise SourceError("archive_encrypted")
    try:
        return archive.open(members[0])  # type: ignore[return-value]  # IO[bytes] that only reads
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise SourceError("corrupt_archive") from error


def _listed(members: list[zipfile.ZipInfo]) -> str:
    return ", ".join(entry.filename.rpartition("/")[2] for entry in members[:5]) + (", …" if len(members) > 5 else "")


def _contained(file: BinaryIO) -> str:
    """The code for what a container of old Office holds: the names of its streams stand in its directory."""
    header = file.read(512)
    if len(header) < 512:
        return "old_workbook"
    (shift,), (first,) = struct.unpack_from("<H", header, 30), struct.unpack_from("<I", header, 48)
    file.seek((first + 1) << min(shift, 16))
    directory = file.read(16 * 1024)
    return next((code for code, name in _CONTAINED if name.encode("utf-16-le") in directory), "old_workbook")


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
        raise SourceError("archive_members", found=size // 46, names="…")


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
