"""As whom the servers run: as ourselves, or, since PostgreSQL refuses root, as `nobody` when we are root."""

import ctypes
import ctypes.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.lib.embedded.places import StartError

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Identity:
    """A user of the system, and whether it must be helped through folders that are closed to it."""

    uid: int
    gid: int
    needs_help: bool = False

    def command(self, *arguments: object, at_our_death: signal.Signals | None = None) -> list[str]:
        """The command line that runs something as this user."""
        plain = [str(argument) for argument in arguments]
        if not self.needs_help:
            return plain
        # A clone below /root: we neither open /root to others nor copy the data elsewhere.
        ids = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        # Changing user forgets what dying_with_parent() asked for, so setpriv asks again.
        dying = [f"--pdeathsig={at_our_death.name.removeprefix('SIG')}"] if at_our_death else []
        # initdb looks for its programs with access(2), which without this bit leaves out what root lent.
        lent = ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return ["setpriv", *ids, *dying, *lent, *plain]

    def options(self) -> dict[str, Any]:
        """The matching arguments of subprocess.Popen."""
        if self.uid == os.geteuid() or self.needs_help:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Make the folder private to this user."""
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def server_identity(*, passes: Path, reads: Path) -> Identity:
    """Who can run the servers, pass through one folder and read the other. Raises StartError if nobody can.

    Help opens every file of the machine to the servers, ours too: only where it cannot be done without.
    """
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    nobody = pwd.getpwnam("nobody")
    identity = Identity(nobody.pw_uid, nobody.pw_gid)
    if _can_enter(identity, passes, reads):
        return identity
    helped = Identity(nobody.pw_uid, nobody.pw_gid, needs_help=True)
    if shutil.which("setpriv") and _can_enter(helped, passes, reads):
        return helped
    raise StartError(
        f"PostgreSQL does not run as root, and the user nobody, who runs it then, cannot enter {passes}, {reads}: "
        "move the clone to a folder open to all users, or run as an ordinary user."
    )


def _can_enter(identity: Identity, passes: Path, reads: Path) -> bool:
    test = 'test -x "$1" && test -x "$2" && ls "$2" >/dev/null'
    command = identity.command("/bin/sh", "-c", test, "sh", passes, reads)
    return subprocess.run(command, capture_output=True, check=False, cwd="/", **identity.options()).returncode == 0


def dying_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    """For Popen's preexec_fn: the kernel sends the child this signal when we die, even by kill -9. Linux only."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def ask_kernel() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)

    return ask_kernel
