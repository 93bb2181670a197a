"""Start everything, say where it is, keep it running, and stop it all on Ctrl-C or SIGTERM.

`--demo` has the demo shop made first where it is missing; `--only=web` (worker, beat) runs a part, as containers do.
"""

import argparse
import errno
import http.client
import importlib
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

from crm.lib import embedded, environment
from crm.lib.embedded import StartError
from crm.supervisor.processes import Process, say, stop_all

MEND_EVERY = 10.0  # seconds between two looks at the embedded servers
MOST_DESCRIPTORS = 65_536  # more than we use; some programs walk through all they may have


class Stop(Exception):
    """Somebody wants us to end."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    os.umask(0o077)  # also for all we start: mails, uploads, exports and logs are nobody else's to read
    raise_descriptor_limit()
    processes: list[Process] = []
    options = _options()
    try:
        listener = listen(environment.text("BIND"), environment.port())
        environment.start_embedded_servers()
        if options.demo:
            _make_demo_shop()
        processes += [process for process in planned_processes(listener) if options.only in (None, process.name)]
        threading.Thread(target=_announce, args=(listener, options.demo), daemon=True).start()
        _run_until_stopped(processes)
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Stop:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _stop(processes)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crm.supervisor", description=__doc__)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--only", choices=("web", "worker", "beat"))
    return parser.parse_args()


def raise_descriptor_limit() -> None:
    """Let us and all we start open what the system allows: shells give 1,024, or 256, where many more are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # macOS says "infinity" and means less
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(host: str, port: int) -> socket.socket:
    """The web processes share one socket, so nothing is refused while one of them starts again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise StartError(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
        raise StartError(
            f"Port {port} is taken by another program: stop that one, or choose another port: PORT={port + 1} make run"
        ) from error
    listener.listen(2048)
    return listener


def planned_processes(listener: socket.socket) -> list[Process]:
    descriptor = listener.fileno()
    celery = ["--quiet", "--skip-checks", "-A", "crm.celery"]
    log_level = f"--loglevel={environment.text('LOG_LEVEL') if environment.is_set('LOG_LEVEL') else 'WARNING'}"
    web = [
        Process("web", "crm.supervisor.web", [str(descriptor)], keep_open=(descriptor,))
        for _ in range(environment.number("WEB_WORKERS"))
    ]
    quick = signal.SIGQUIT  # a worker whose supervisor was killed leaves its work to the next one
    return [
        *web,
        Process(
            "worker",
            "celery",
            [*celery, "worker", "--without-gossip", "--without-mingle", log_level],
            quick,
        ),
        Process("beat", "celery", [*celery, "beat", log_level]),
    ]


def _run_until_stopped(processes: list[Process]) -> None:
    for process in processes:
        process.start()
    threading.Thread(target=_mend_servers, daemon=True).start()
    while True:
        for process in processes:
            process.look_after()
        time.sleep(0.2)


def _announce(listener: socket.socket, demo: bool) -> None:
    """Say that we are up when it is true."""
    while not _answers(listener):
        time.sleep(0.2)
    sys.stdout.write("\n" + "\n".join(_welcome(demo)) + "\n\n")
    sys.stdout.flush()


def _answers(listener: socket.socket) -> bool:
    """Whatever it answers: what is wrong with it stands in its own output."""
    host, port = listener.getsockname()[:2]
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def _welcome(demo: bool) -> list[str]:
    mail = environment.data_dir() / "mail"
    lines = [f"Huitou is running at {environment.base_url()}", ""]
    lines += [f"  Log in   {line}" for line in (_demo_log_ins() if demo else [])]
    lines += [
        f"  Mail     is written to {mail}" if not environment.is_set("EMAIL_URL") else "  Mail     goes out by SMTP"
    ]
    lines += [f"  Data     is in {environment.data_dir()}", "  Stop     with Ctrl-C"]
    return lines


def _demo_log_ins() -> list[str]:
    # By name: the supervisor imports no app, and this one needs no Django.
    accounts = importlib.import_module("crm.demo.accounts").accounts()
    return [f"{account.email}  {account.password}  ({account.role})" for account in accounts]


def _mend_servers() -> None:
    """A keeper that was killed took its server along; as its user we bring it back."""
    while True:
        time.sleep(MEND_EVERY)
        try:
            environment.start_embedded_servers()
        except StartError as error:
            say("servers", str(error))


def _make_demo_shop() -> None:
    done = subprocess.run([sys.executable, "manage.py", "seed_demo"], check=False)
    if done.returncode:
        raise StartError("The demo shop could not be made; the lines above say why.")


def _stop(processes: list[Process]) -> None:
    if any(process.is_running() for process in processes):
        sys.stdout.write("\nStopping …\n")
        sys.stdout.flush()
    stop_all(processes)
    if embedded.release(wait=3.0) and processes:
        sys.stdout.write("Everything has stopped.\n")


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise Stop


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    sys.exit(main())
