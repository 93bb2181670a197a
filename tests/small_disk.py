"""The web process as the supervisor starts it, on a disk that has SMALL_DISK bytes and nothing but its temporary files:

    SMALL_DISK=300000000 python -m tests.small_disk <file descriptor>

The system's answer how much is free would change with whatever else the machine does meanwhile.
"""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from types import SimpleNamespace


def filled(process, folder):
    """Bytes of the files that a process has open in this folder, also of those without a name."""
    sizes = {}
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if descriptor.readlink().is_relative_to(folder):
                state = descriptor.stat()
                sizes[state.st_ino] = state.st_size
    return sum(sizes.values())


def disk_usage(_folder):
    return SimpleNamespace(free=int(os.environ["SMALL_DISK"]) - filled("self", gettempdir()))


if __name__ == "__main__":
    shutil.disk_usage = disk_usage
    from crm.supervisor.web import serve

    serve(int(sys.argv[1]))
