"""Run a module as a child that never outlives the supervisor.

`python -m crm.supervisor.child <process id of the supervisor> <signal> <module> [arguments]`
"""

import ctypes
import os
import runpy
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, number: int, module: str, arguments: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
