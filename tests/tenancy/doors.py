"""Which door of the program opens to whom: what every tests/<app>/doors.py says, gathered.

How to write one is said in door.py. A new app brings a file of its own, and nothing is added here; a route that no
file names fails in test_sweep.py.
"""

from importlib import import_module
from itertools import combinations
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def gather(modules):
    """The tables of all apps as one; refuses a door that two of them name, which might say two things of it."""
    tables = {name: {} for name in ("PATH", "PAGES", "API", "SQL_WITHOUT_SHOP")}
    tables |= {name: set() for name in ("OPEN", "LOGGED_IN", "LIBRARIES", "TASKS_OF_ALL_SHOPS")}
    for name in tables:
        said = [getattr(module, name, type(tables[name])()) for module in modules]
        twice = sorted({door for one, other in combinations(said, 2) for door in set(one) & set(other)})
        if twice:
            raise ValueError(f"{name}: two doors.py name {twice}")
        for part in said:
            tables[name] |= part
    return tables


FILES = sorted(TESTS.glob("*/doors.py"))
_TABLES = gather([import_module(f"tests.{path.parent.name}.doors") for path in FILES if path != Path(__file__)])

PATH = _TABLES["PATH"]  # route argument → (model, attribute) of the row whose value stands there
PAGES = _TABLES["PAGES"]  # everything under /s/<slug>/
API = _TABLES["API"]  # everything under /api/v1/
OPEN = _TABLES["OPEN"]  # open to everybody, and no shop's rows behind them
LOGGED_IN = _TABLES["LOGGED_IN"]  # outside every shop, for people who are logged in
LIBRARIES = tuple(_TABLES["LIBRARIES"])  # routes of libraries, by the beginning of their names
TASKS_OF_ALL_SHOPS = _TABLES["TASKS_OF_ALL_SHOPS"]  # Celery tasks that take no shop
SQL_WITHOUT_SHOP = _TABLES["SQL_WITHOUT_SHOP"]  # name of an SQL file that names no shop → the reason
