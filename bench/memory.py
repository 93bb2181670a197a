"""The most memory, in MB, of a process that imports a file: `python -m bench.memory FOLDER_OF_MEDIA [FILE]`."""

import re
import sys
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from django.db import connections
    from django.test.utils import override_settings

    from bench.files import imported_in

    owner = connections["owner"].settings_dict
    owner["NAME"] = owner["TEST"]["NAME"]
    connections["default"].creation.set_as_test_mirror(owner)
    with override_settings(MEDIA_ROOT=sys.argv[1]):
        for path in sys.argv[2:]:
            imported_in(Path(path))
    # Not getrusage: its figure begins with that of the program which started this one.
    print(int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024)


if __name__ == "__main__":
    main()
