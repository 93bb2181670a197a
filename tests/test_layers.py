"""The rows of who may import whom leave nothing out: no app, and no kind of file without a line in the docs."""

import re
import tomllib
from pathlib import Path

from django.apps import apps

CLONE = Path(__file__).resolve().parent.parent
LINTER = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
EXHAUSTIVE = [contract for contract in LINTER["contracts"] if contract.get("exhaustive")]
INSIDE_APPS = next(contract for contract in EXHAUSTIVE if "customers" in contract["containers"])


def test_every_app_stands_in_rows_that_leave_no_module_out():
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent in (CLONE, CLONE / "crm")}
    assert {name for name in ours if "." not in name} == set(LINTER["root_packages"]) - {"crm"}
    assert ours <= {container for contract in EXHAUSTIVE for container in contract["containers"]}


def test_every_kind_of_file_of_an_app_has_a_line_in_the_docs():
    text = (CLONE / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.partition("## The files of an app")[2].partition("\n## ")[0]
    first_cells = "".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))
    named = set(re.findall(r"`([a-z_]+)`", first_cells))
    rows = {name for layer in INSIDE_APPS["layers"] for name in re.findall(r"\(([a-z_]+)\)", layer)}
    assert named == {name for name in rows if not name.endswith("_page")}  # the line of `<page>_page` is theirs
