"""One search for duplicates in the scratch database, into the file that is named: its report, and the most memory of
this process in MB, as JSON."""

import json
import re
import sys
from io import StringIO
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    owner = connections["owner"].settings_dict
    owner["NAME"] = owner["TEST"]["NAME"]
    connections["default"].creation.set_as_test_mirror(owner)
    out = StringIO()
    call_command("find_duplicates", "bench", "--out", sys.argv[1], stdout=out)
    # Not getrusage: its figure begins with that of the program which started this one.
    peak = int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024
    print(json.dumps(json.loads(out.getvalue().splitlines()[-1]) | {"mb": round(peak)}))


if __name__ == "__main__":
    main()
