"""Where the embedded servers keep their things, known before they run, so that settings can be read without them."""

import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = "huitou"
CLONE = Path(__file__).resolve().parents[3]
LONGEST_SOCKET_DIR = 80  # a socket's path may have 104 bytes on macOS, and ".s.PGSQL.5432.lock" follows


class StartError(Exception):
    """Something outside the program is in the way; the message is one sentence for a person, with what to do."""


@dataclass(frozen=True)
class Addresses:
    """How to reach the embedded servers."""

    socket_dir: Path

    def database_url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    @property
    def redis_socket(self) -> Path:
        return self.socket_dir / "redis.sock"

    @property
    def redis_url(self) -> str:
        """For redis-py; Celery spells the same address differently, see environment.celery_broker_url."""
        return f"unix://{self.redis_socket}?db=0"


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR") or CLONE / ".data").absolute()


def addresses() -> Addresses:
    """The same folder for every program of one clone, and another one for each clone and each person."""
    fingerprint = hashlib.sha256(os.fsencode(data_dir().resolve())).hexdigest()[:12]
    name = f"huitou-{os.geteuid()}-{fingerprint}"
    temporary = Path(tempfile.gettempdir())
    if len(os.fsencode(temporary / name)) > LONGEST_SOCKET_DIR:
        temporary = Path("/tmp")  # noqa: S108 - short on purpose; the folder inside is private and its owner is checked
    return Addresses(socket_dir=temporary / name)


def lock_path(server: str, name: str) -> Path:
    return data_dir() / "locks" / f"{server}.{name}"


def check_space(bytes_needed: int, *, needed_by: str) -> None:
    """Raises StartError where the disk of the data has less room."""
    free = shutil.disk_usage(data_dir()).free
    if free < bytes_needed:
        raise StartError(
            f"The disk of {data_dir()} is full ({free // 1024**2} MB are free, {needed_by} needs"
            f" {bytes_needed // 1024**2} MB): make room, or set DATA_DIR to a folder on another disk."
        )


def _close_to_others(folder: Path) -> None:
    """Mails, uploads, exports and logs, also those of an older version. What the servers own is their own affair."""
    for entry in folder.iterdir():
        with suppress(FileNotFoundError):  # a draft of another program
            status = entry.lstat()
            if status.st_uid == os.geteuid() and status.st_mode & 0o077 and not stat.S_ISLNK(status.st_mode):
                entry.chmod(status.st_mode & 0o700)


def make_data_dir() -> Path:
    """The data folder and all in it that is ours, private to its owner.

    Others may pass through the folder itself only where root's servers are somebody else.
    """
    folder = data_dir()
    try:
        (folder / "locks").mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        _close_to_others(folder)
    except OSError as error:
        raise StartError(f"The data folder {folder} cannot be used: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StartError(
            f"The data folder {folder} is not writable: run as its owner, or set DATA_DIR to another folder."
        )
    return folder
