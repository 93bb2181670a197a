"""PostgreSQL and Redis for a machine that has none: started by the first program of a clone, stopped by its last.

A program that wants them calls `ensure()`; it then counts as a user until it ends, however it ends: using is holding a
shared lock on a file, and the kernel lets go of it also after kill -9. Each server runs under a small keeper process of
its own (`keeper.py`), which stops it as soon as the lock has no holder. Nothing here knows Django.
"""

from crm.lib.embedded.places import Addresses, StartError, addresses, check_space
from crm.lib.embedded.users import ensure, release

__all__ = ["Addresses", "StartError", "addresses", "check_space", "ensure", "release"]
