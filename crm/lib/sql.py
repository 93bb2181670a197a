"""SQL statements kept in files: one statement (or one list of table definitions) a file, a sentence above it."""

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=256)
def statement(app: str, name: str) -> str:
    """The text of <app>/sql/<name>.sql, without its comments. FileNotFoundError if there is none."""
    root = Path(__file__).resolve().parents[2]
    lines = (root / app / "sql" / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))
