"""The side of the programs: become a user of the servers, cease to be one.

Each server has four lock files in `.data/locks/`:
  users    shared by every program that uses the server;
  start    held by whoever looks whether a keeper is needed, then by the new keeper until its server answers;
  keeper   held by the keeper;
  running  held by the keeper and, inherited, by the server: free only when nothing of an older start is left.
"""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

from crm.lib.embedded.locks import is_locked, open_lock, try_lock
from crm.lib.embedded.places import CLONE, Addresses, StartError, addresses, lock_path, make_data_dir
from crm.lib.embedded.servers import SERVERS

Keeper = subprocess.Popen[str]

PATIENCE = 90.0  # seconds; recovery after a crash may take a while
_held: dict[str, int] = {}


def ensure(*, postgres: bool = True, redis: bool = True) -> Addresses:
    """Have the servers running and stay their user until this process, and every fork of it, ends or calls release().

    Raises StartError, whose message can be shown as it is. Calling it again is cheap and mends a server that was lost.
    """
    folder = make_data_dir()
    wanted = [name for name, wants in (("postgres", postgres), ("redis", redis)) if wants]
    keepers = {name: _become_user(folder, name) for name in wanted}  # started side by side
    for name, keeper in keepers.items():
        _await(name, keeper)
    return addresses()


def release(*, wait: float = 0.0) -> bool:
    """Cease to be a user; wait up to so many seconds for those servers to stop that have no other user.

    Returns whether everything this program used has stopped.
    """
    last = []
    for name, descriptor in _held.items():
        if try_lock(descriptor, fcntl.LOCK_EX):  # nobody else shares it
            last.append(name)
        os.close(descriptor)
    stopped = len(last) == len(_held)
    _held.clear()
    end = time.monotonic() + wait
    while (still := [name for name in last if is_locked(lock_path(name, "running"))]) and time.monotonic() < end:
        time.sleep(0.05)
    return stopped and not still


def _become_user(folder: Path, name: str) -> Keeper | None:
    if name not in _held:
        descriptor = open_lock(lock_path(name, "users"))
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits while a keeper without users is stopping its server
        _held[name] = descriptor
    start = open_lock(lock_path(name, "start"))
    try:
        fcntl.flock(start, fcntl.LOCK_EX)
        return None if is_locked(lock_path(name, "keeper")) else _start_keeper(folder, name, start)
    finally:
        os.close(start)


def _start_keeper(folder: Path, name: str, start_lock: int) -> Keeper:
    command = [sys.executable, "-m", "crm.lib.embedded.keeper", name, str(start_lock)]
    log_file = os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(log_file, "ab") as log:
        return subprocess.Popen(
            command,
            cwd=CLONE,
            env={**os.environ, "DATA_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            pass_fds=(start_lock,),
            start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        )


def _await(name: str, keeper: Keeper | None) -> None:
    if keeper is not None:
        assert keeper.stdout is not None  # noqa: S101 - tells mypy what PIPE means
        with keeper.stdout as answer:
            if complaint := answer.read().strip():
                raise StartError(complaint)
        keeper.returncode = 0  # it outlives us on purpose: without this Popen would warn that it still runs
    end = time.monotonic() + PATIENCE
    while not SERVERS[name].answers():
        if time.monotonic() > end:
            raise StartError(f"{name} does not answer; the end of {make_data_dir() / name}.log may say why.")
        time.sleep(0.1)
