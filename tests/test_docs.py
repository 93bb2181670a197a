"""What README and docs/ promise is there: commands, targets, options, links, headings, pictures."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from crm.shops.roles import ApiScope
from customers.sources.presets import PRESETS
from customers.sources.problems import SENTENCES

CLONE = Path(__file__).resolve().parent.parent
PAGES = [CLONE / "README.md", CLONE / "CHANGELOG.md", *sorted((CLONE / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
COMMAND = re.compile(r"manage\.py ([a-z_]+)([^\n|`]*)")
TARGET = re.compile(r"`(?:[A-Z_]+=\S+ )?make ([a-z][a-z-]*)")  # written as code: "make room" is English
# Not machines, not registries, not how the work was organised.
FORBIDDEN = re.compile(
    r"/work/|/home/|/root\b|/tmp/|pypi\.|npmjs|registry\.|shared/|\bissue\b|\bhelper\b|\bsession of the project\b", re.I
)


def named(pages=PAGES):
    return pytest.mark.parametrize("page", pages, ids=lambda page: str(page.relative_to(CLONE)))


def prose(page):
    """The text without its code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page):
    """The headings as links name them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@named()
def test_links_lead_somewhere(page):
    broken = []
    for match in LINK.finditer(prose(page)):
        link = match[1] or match[2]
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@named()
def test_no_machine_or_registry_is_named(page):
    assert FORBIDDEN.findall(page.read_text(encoding="utf-8")) == []


@named()
def test_commands_and_their_options_exist(page):
    known, missing = get_commands(), []
    for name, rest in COMMAND.findall(page.read_text(encoding="utf-8")):
        if name not in known:
            missing.append(name)
            continue
        parser = load_command_class(known[name], name).create_parser("manage.py", name)
        options = {option for action in parser._actions for option in action.option_strings}
        missing += [f"{name} {option}" for option in re.findall(r"--[a-z-]+", rest) if option not in options]
    assert missing == []


def test_readme_names_every_command_of_ours():
    ours = ("crm.", "customers", "segmentation")
    hidden = {"migrate", "seed_demo"}  # run by the set-up
    commands = {name for name, app in get_commands().items() if isinstance(app, str) and app.startswith(ours)}
    assert set(dict(COMMAND.findall((CLONE / "README.md").read_text(encoding="utf-8")))) == commands - hidden


def test_make_targets_exist():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (CLONE / "Makefile").read_text(), flags=re.M))
    found = {target for page in PAGES for target in TARGET.findall(prose(page))}
    assert found - targets == set()
    assert {"run", "test"} <= found


def test_importing_names_every_preset_and_every_code():
    text = (CLONE / "docs" / "importing.md").read_text(encoding="utf-8")
    assert [name for name in [*PRESETS, *SENTENCES] if f"`{name}`" not in text] == []


def test_api_names_every_scope():
    text = (CLONE / "docs" / "api.md").read_text(encoding="utf-8")
    assert [scope for scope in ApiScope.values if f"`{scope}`" not in text] == []


def test_index_names_every_page():
    index = (CLONE / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [str(page.relative_to(CLONE / "docs")) for page in PAGES if page.is_relative_to(CLONE / "docs")]
    assert [page for page in pages if page != "README.md" and f"({page})" not in index] == []


def test_pictures_are_small_and_used():
    pictures = {picture.name: picture.stat().st_size for picture in (CLONE / "docs" / "images").iterdir()}
    readme = (CLONE / "README.md").read_text(encoding="utf-8")
    assert [name for name in pictures if f"docs/images/{name}" not in readme] == []
    assert [name for name, size in pictures.items() if size > 200_000] == []
    assert sum(pictures.values()) < 1_200_000


PIECE = re.compile(r"^```python\n# (tests/toy/\w+\.py)\n(.*?)^```", re.M | re.S)


def test_the_pieces_of_a_new_app_are_those_of_the_one_that_is_tried():
    pieces = PIECE.findall((CLONE / "docs/adding-an-app.md").read_text(encoding="utf-8"))
    assert len(pieces) == 13
    assert [name for name, code in pieces if code not in (CLONE / name).read_text(encoding="utf-8")] == []
