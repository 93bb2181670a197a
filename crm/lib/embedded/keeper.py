"""The small process above each server: starts it, mends it, and stops it when nobody uses it any more.

Run by `users.py` as `python -m crm.lib.embedded.keeper <server> <file descriptor of the start lock>`; what it writes to
its standard output is the sentence that says why it could not start, or nothing.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

from crm.lib.embedded.identity import Identity, dying_with_parent, server_identity
from crm.lib.embedded.locks import lock_within, open_lock, try_lock
from crm.lib.embedded.places import StartError, addresses, data_dir, lock_path
from crm.lib.embedded.server import Server
from crm.lib.embedded.servers import SERVERS

GLANCE = 0.1  # seconds between two looks at users and server
START_PATIENCE = 120.0
STOP_PATIENCE = 60.0
LONGEST_LOG = 10 * 1024**2


class Keeper:
    """Holds one server from its start to its end."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.keeper_lock = open_lock(lock_path(server.name, "keeper"))
        self.running_lock = open_lock(lock_path(server.name, "running"))
        self.users_lock = open_lock(lock_path(server.name, "users"))
        self.told_to_stop = False
        self.child: subprocess.Popen[bytes] | None = None
        self.identity: Identity | None = None

    def start(self) -> None:
        """Raises StartError."""
        fcntl.flock(self.keeper_lock, fcntl.LOCK_EX)
        self._outlive_older_server()
        self.server.check_space()
        self.identity = server_identity(passes=data_dir(), reads=self.server.programs())
        _make_socket_dir(self.identity)
        self.server.prepare(self.identity)
        self._launch()
        self.server.set_up(self.identity)

    def watch(self) -> None:
        """Return when nobody uses the server any more."""
        while not self.told_to_stop and not try_lock(self.users_lock):
            if self.child is not None and self.child.poll() is not None:
                _note(f"{self.server.name} ended unexpectedly (code {self.child.returncode}); starting it again")
                time.sleep(1)
                self._try_launch()
            time.sleep(GLANCE)

    def stop(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(self.server.stop_signal)
            try:
                self.child.wait(STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                self.child.send_signal(signal.SIGQUIT)  # PostgreSQL's "immediate"; it recovers at the next start
                self.child.wait()
        for lock in (self.running_lock, self.keeper_lock, self.users_lock):  # users last: then the next may start
            os.close(lock)

    def _outlive_older_server(self) -> None:
        """A server whose keeper was killed stops by itself on Linux; elsewhere it must be told."""
        if lock_within(self.running_lock, seconds=5):
            return
        if pid := self.server.left_over_pid():
            os.kill(pid, self.server.stop_signal)
        if not lock_within(self.running_lock, seconds=STOP_PATIENCE):
            raise StartError(
                f"An older {self.server.name} of this folder (process {pid}) does not stop: end it, then try again."
            )

    def _try_launch(self) -> None:
        """A server that cannot start now (a full disk) may later; its users go on waiting and its log says why."""
        try:
            if self.identity is not None:
                self.server.prepare(self.identity)
            self._launch()
        except StartError as error:
            _note(str(error))

    def _launch(self) -> None:
        assert self.identity is not None  # noqa: S101 - set by start()
        beginning = self.server.log.stat().st_size
        self.child = subprocess.Popen(
            self.identity.command(*self.server.command(), at_our_death=self.server.stop_signal),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            pass_fds=(self.running_lock,),
            preexec_fn=dying_with_parent(self.server.stop_signal),
            **self.identity.options(),
        )
        self._await_answer(self.child, beginning)

    def _await_answer(self, child: subprocess.Popen[bytes], beginning: int) -> None:
        end = time.monotonic() + START_PATIENCE
        while not self.server.answers():
            if child.poll() is not None:
                raise StartError(_explanation(self.server, beginning))
            if time.monotonic() > end:
                raise StartError(f"{self.server.name} did not answer in {START_PATIENCE:.0f} s; see {self.server.log}.")
            time.sleep(0.02)


def _make_socket_dir(identity: Identity) -> None:
    """The name can be guessed and /tmp is everybody's: what is there already must be a folder of the servers' user."""
    folder = addresses().socket_dir
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid not in (identity.uid, os.geteuid()):
            raise StartError(
                f"{folder} belongs to somebody else: remove it, or set TMPDIR to another folder."
            ) from None
    identity.own(folder)


def _explanation(server: Server, beginning: int) -> str:
    """What the server's log says since its start, in one sentence."""
    with server.log.open("rb") as log:
        log.seek(beginning)
        lines = log.read().decode(errors="replace").strip().splitlines()
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line] or lines
    if any("No space left on device" in line for line in lines):
        return f"The disk of {data_dir()} is full: make room, or set DATA_DIR to a folder on another disk."
    return f"{server.name} could not start ({telling[-1].strip() if telling else 'it said nothing'}); see {server.log}."


def _note(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _shorten_log(server: Server) -> None:
    if server.log.stat().st_size > LONGEST_LOG:
        shutil.copyfile(server.log, server.log.with_suffix(".log.1"))
        os.truncate(server.log, 0)


def _answer(sentence: str, start_lock: int) -> None:
    """Tell whoever started us, if that program still lives, and let others look."""
    with suppress(BrokenPipeError):
        os.write(1, sentence.encode())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    os.close(start_lock)


def main(name: str, start_lock: int) -> int:
    os.umask(0o077)
    server = SERVERS[name]
    _shorten_log(server)
    keeper = Keeper(server)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        keeper.told_to_stop = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        keeper.start()
    except (StartError, OSError) as error:
        keeper.stop()
        _answer(str(error), start_lock)
        return 1
    _answer("", start_lock)
    keeper.watch()
    keeper.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
