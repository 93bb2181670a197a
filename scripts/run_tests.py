"""Run pytest on two cores, with the browser tests where Chromium is found.

REQUIRE_BROWSER=1 makes a missing Chromium an error: a machine that should test everything must not pass without it.
"""

import os
import shutil
import subprocess
import sys

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "no Chromium is installed (Debian, Ubuntu: apt-get install chromium)"


def main(arguments: list[str]) -> int:
    # Halves, of which an idle process takes over some: a long file at the end leaves no core without work.
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *arguments]
    if any(shutil.which(name) for name in CHROMIUM):
        return subprocess.run(command, check=False).returncode
    if os.environ.get("REQUIRE_BROWSER"):
        print(f"The browser tests cannot run: {ADVICE}.", file=sys.stderr)
        return 1
    # In front of the arguments: pytest takes the last -m, and one of theirs may leave out more.
    command[7:7] = ["-m", "not browser"]
    code = subprocess.run(command, check=False).returncode
    print(f"The browser tests were skipped: {ADVICE}.")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
