"""The supervisor with real children."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from crm.lib.embedded import StartError
from crm.supervisor.__main__ import MOST_DESCRIPTORS, listen
from crm.supervisor.processes import Process, stop_all

pytestmark = pytest.mark.slow

CLONE = Path(__file__).resolve().parents[2]
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
SUPERVISOR = """
import time
from crm.supervisor.processes import Process
process = Process("web", "http.server", ["0"])
process.start()
print(process.child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start a Process that runs a small program."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{CLONE}")
    processes = []

    def start(program, **fields):
        name = f"program{len(processes)}"
        (tmp_path / f"{name}.py").write_text(program)
        process = Process("web", name, **fields)
        processes.append(process)
        process.start()
        return process

    yield start
    for process in processes:
        process.tell(signal.SIGKILL)
        if process.child is not None:
            process.child.wait()


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_output_is_prefixed(start, capfd):
    process = start("print('ready')")
    process.child.wait()
    wait_until(lambda: "web    │ ready" in capfd.readouterr().out)


def test_child_that_ends_is_started_again_later_and_later(start, capfd):
    process = start("raise SystemExit(3)")
    process.child.wait()
    process.look_after()
    assert process.child is None
    assert "web    │ ended (exit code 3); starting it again in 1 s" in capfd.readouterr().out
    process.start_again_at = 0
    process.look_after()
    process.child.wait()
    process.look_after()
    assert "ended (exit code 3); starting it again in 2 s" in capfd.readouterr().out


def test_stubborn_child_is_stopped_all_the_same(start, capfd):
    process = start(STUBBORN)
    wait_until(lambda: "ready" in capfd.readouterr().out)
    started = time.monotonic()
    stop_all([process], ask=0.2, insist=0.2)
    assert not process.is_running()
    assert time.monotonic() - started < 2


def test_killed_supervisor_leaves_no_orphan():
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR], cwd=CLONE, stdout=subprocess.PIPE, text=True)
    with supervisor.stdout as output:
        child = psutil.Process(int(output.readline()))
        time.sleep(0.5)  # the child has to ask the kernel first
        supervisor.kill()
        supervisor.wait()
    assert child.wait(5) is None
    assert not child.is_running()


LIMITS = """
import resource
from crm.supervisor.__main__ import raise_descriptor_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1000))
raise_descriptor_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_what_the_system_allows_is_used():
    done = subprocess.run([sys.executable, "-c", LIMITS], cwd=CLONE, capture_output=True, text=True, check=True)
    assert done.stdout == "(1000, 1000)\n"


def test_taken_port_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartError) as refusal:
            listen("127.0.0.1", port)
    assert str(refusal.value) == (
        f"Port {port} is taken by another program: stop that one, or choose another port: PORT={port + 1} make run"
    )


def test_taken_port_stops_the_program_before_anything_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = subprocess.run(
            [sys.executable, "-m", "crm.supervisor", "--demo"],
            cwd=CLONE,
            env={**os.environ, "PORT": str(other.getsockname()[1]), "DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("Port ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_production_is_greeted_without_demo_accounts_at_the_address_it_listens_on(tmp_path):
    with socket.create_server(("127.0.0.2", 0)) as free:
        port = free.getsockname()[1]
    named = {
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": "postgresql://crm_app:secret@127.0.0.1:1/huitou",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "k" * 50,
        "BASE_URL": "https://crm.example.com",
        "ALLOWED_HOSTS": "crm.example.com",
        "EMAIL_URL": "smtp://mail.example.com",
        "WEB_WORKERS": "1",
        "DATA_DIR": str(tmp_path),
        "BIND": "127.0.0.2",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "crm.supervisor", "--only=web"]
    supervisor = subprocess.Popen(command, cwd=CLONE, env=os.environ | named, stdout=subprocess.PIPE, text=True)
    in_vain = threading.Timer(120, supervisor.kill)
    in_vain.start()
    with supervisor.stdout as output:
        said = "".join(itertools.takewhile(lambda line: "Ctrl-C" not in line, output))
        # psutil does not know it. A child's files are private, and it may open what we may.
        (web,) = psutil.Process(supervisor.pid).children()
        status, most = Path(f"/proc/{web.pid}/status").read_text(), web.rlimit(psutil.RLIMIT_NOFILE)
        supervisor.terminate()
        assert supervisor.wait(20) == 0
    in_vain.cancel()
    assert "\nUmask:\t0077\n" in status
    assert most[0] == min(most[1], MOST_DESCRIPTORS)
    assert said == (
        f"\nHuitou is running at https://crm.example.com\n\n  Mail     goes out by SMTP\n  Data     is in {tmp_path}\n"
    )
