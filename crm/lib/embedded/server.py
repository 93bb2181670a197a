"""What a keeper must know about the server it keeps."""

import importlib.util
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from crm.lib.embedded.identity import Identity
from crm.lib.embedded.places import StartError, check_space, data_dir


class Server(ABC):
    """One kind of server. Its data is in `.data/<name>`, its log in `.data/<name>.log`."""

    name: str
    stop_signal: signal.Signals
    pid_file: str  # inside the data folder, the process id in its first line
    free_bytes_needed = 200 * 1024**2

    @property
    def data(self) -> Path:
        return data_dir() / self.name

    @property
    def log(self) -> Path:
        return data_dir() / f"{self.name}.log"

    @abstractmethod
    def programs(self) -> Path:
        """The folder of its programs."""

    @abstractmethod
    def prepare(self, identity: Identity) -> None:
        """Make the data folder ready to start from, whatever an earlier life left there."""

    @abstractmethod
    def command(self) -> list[object]: ...

    @abstractmethod
    def answers(self) -> bool: ...

    def set_up(self, identity: Identity) -> None:  # noqa: B027 - nothing to do is the usual case
        """What is done inside the running server before anybody may use it."""

    def left_over_pid(self) -> int | None:
        try:
            return int((self.data / self.pid_file).read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def check_space(self) -> None:
        check_space(self.free_bytes_needed, needed_by=self.name)

    def run(self, identity: Identity, *arguments: object, script: str | None = None) -> None:
        """Run one of its programs to the end. Raises StartError with what it said."""
        command = identity.command(*arguments)
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, check=False, cwd="/", **identity.options()
        )
        if done.returncode:
            last_line = (done.stderr or done.stdout).strip().rsplit("\n", 1)[-1]
            raise StartError(f"{Path(str(arguments[0])).name} failed: {last_line}")


def package_folder(package: str) -> Path:
    """Where a wheel was unpacked, without importing it: these packages do too much when imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise StartError(f"The package {package} is not installed: run `make setup`.")
    return Path(spec.origin).parent
