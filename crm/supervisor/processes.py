"""Processes that are kept running, told apart by colour, and stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

LONGEST_PAUSE = 30.0  # seconds between two starts of a process that keeps ending
CALM_AFTER = 60.0  # a process that ran this long starts again at once
COLOURS = {"web": 36, "worker": 32, "beat": 35}


@dataclass
class Process:
    """One line of what is to run. `at_our_death` is what the kernel sends it should we be killed."""

    name: str
    module: str
    arguments: Sequence[str] = ()
    at_our_death: signal.Signals = signal.SIGTERM
    keep_open: tuple[int, ...] = ()
    child: "subprocess.Popen[str] | None" = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = field(default=0)

    def start(self) -> None:
        """Only from the main thread: the kernel's "parent died" means the thread that started the child."""
        launcher = [sys.executable, "-m", "crm.supervisor.child", str(os.getpid()), str(int(self.at_our_death))]
        self.child = subprocess.Popen(
            [*launcher, self.module, *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=self.keep_open,
            process_group=0,  # Ctrl-C reaches us alone; we stop the others in order
        )
        self.started_at = time.monotonic()
        threading.Thread(target=self._relay, args=(self.child,), daemon=True).start()

    def look_after(self) -> None:
        """Start it again if it ended, after a pause that doubles while it keeps failing."""
        now = time.monotonic()
        if self.child is not None and (code := self.child.poll()) is not None:
            self.child = None
            self.failures = 0 if now - self.started_at > CALM_AFTER else self.failures + 1
            pause = min(LONGEST_PAUSE, 2.0 ** (self.failures - 1)) if self.failures else 0.0
            self.start_again_at = now + pause
            say(self.name, f"ended ({_reason(code)}); starting it again" + (f" in {pause:.0f} s" if pause else ""))
        elif self.child is None and now >= self.start_again_at:
            self.start()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal; to be killed also to all it started, which otherwise it stops itself."""
        if self.is_running() and self.child is not None:
            with suppress(ProcessLookupError):
                (os.killpg if number == signal.SIGKILL else os.kill)(self.child.pid, number)

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def _relay(self, child: "subprocess.Popen[str]") -> None:
        assert child.stdout is not None  # noqa: S101 - tells mypy what PIPE means
        with child.stdout as lines:
            for line in lines:
                if line.strip():
                    say(self.name, line.rstrip())


def stop_all(processes: Sequence[Process], *, ask: float = 5.0, insist: float = 1.5) -> None:
    """Ask every process to finish what it is doing, then insist, then kill: at most ask + insist seconds."""
    for number, patience in ((signal.SIGTERM, ask), (signal.SIGQUIT, insist), (signal.SIGKILL, 1.0)):
        for process in processes:
            process.tell(number)
        end = time.monotonic() + patience
        while any(process.is_running() for process in processes):
            if time.monotonic() > end:
                break
            time.sleep(0.02)
        else:
            return


def say(name: str, line: str) -> None:
    prefix = f"{name:<7}│ "
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        prefix = f"\033[{COLOURS.get(name, 90)}m{prefix}\033[0m"
    sys.stdout.write(f"{prefix}{line}\n")
    sys.stdout.flush()


def _reason(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
