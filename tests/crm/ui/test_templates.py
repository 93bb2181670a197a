"""What the page's policy and our own rules ask of every template."""

import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.http import Http404
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from crm.ui import views

TEMPLATES = sorted(settings.BASE_DIR.joinpath("templates").rglob("*.html"))
MAILS = sorted(settings.BASE_DIR.joinpath("templates").rglob("*.txt"))
LONGEST_LINE = 120
COMPONENTS = sorted(settings.BASE_DIR.joinpath("templates/components").glob("*.html"))
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*application/json)[^>]*>", re.IGNORECASE),
    "htmx that needs eval": re.compile(r"\bhx-(on|vals\s*=\s*[\"']js:|headers\s*=\s*[\"']js:)", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
}


def found(html):
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(html)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_holds_nothing_the_policy_forbids(template):
    assert found(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color:red">',
        "<style>p{}</style>",
        '<button onclick="x()">',
        "<script>x()</script>",
        '<div hx-on:click="x()">',
        '<a href="javascript:x()">',
    ],
)
def test_the_scan_sees_what_is_forbidden(html):
    assert found(html)


# Chinese has none there: {% between_sentences %} knows.
BLANK_BETWEEN_SENTENCES = re.compile(
    r"""[.!?](?:" %\}|\{% endblocktranslate %\}) (?=\{\{|\{% (?:translate|blocktranslate)|<a\b)"""
)


def test_no_blank_of_its_own_stands_between_sentences():
    assert [path.name for path in TEMPLATES if BLANK_BETWEEN_SENTENCES.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_compiles(template):
    get_template(str(template.relative_to(settings.BASE_DIR / "templates")))


@pytest.mark.parametrize("template", [*TEMPLATES, *MAILS], ids=lambda path: path.name)
def test_no_line_is_too_long_to_read_in_a_diff(template):
    lines = template.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, start=1) if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_component_begins_with_its_variables(component):
    assert component.read_text(encoding="utf-8").startswith("{#")


def test_style_guide_shows_every_component(styleguide_html):
    used = set()
    pending = ["styleguide.html", "base.html"]
    while pending:
        source = Path(get_template(pending.pop()).origin.name).read_text(encoding="utf-8")
        names = set(re.findall(r'include "(components/[\w.]+)"', source))
        tags = re.findall(r"{% (?:component \"(\w+)\"|(card|dialog|page_header|bulk_bar)\b)", source)
        names |= {f"components/{plain or around}.html" for plain, around in tags}
        pending += names - used
        used |= names
    assert {f"components/{path.name}" for path in COMPONENTS} - used == set()
    assert found(styleguide_html) == []


def test_style_guide_is_hidden_outside_development(settings):
    settings.DEBUG = False
    with pytest.raises(Http404):
        views.styleguide(RequestFactory().get("/styleguide/"))


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "403_csrf.html", "404.html", "409.html", "500.html", "503.html"]
)
def test_error_page_renders_without_a_request(name):
    assert "</html>" in engines["django"].get_template(name).render({})


def test_job_ring_is_empty_when_nothing_runs():
    assert render_to_string("components/jobs_ring.html", {"count": 0}).strip() == ""


# Pages of allauth that we do not replace; phone numbers are no way to sign in here.
ALLAUTH = Path(allauth.__file__).parent / "templates"
UNUSED = {"account/phone_change.html"}
BORROWED = sorted(
    str(path.relative_to(ALLAUTH))
    for folder in ("account", "mfa", "usersessions")
    for path in ALLAUTH.joinpath(folder).rglob("*.html")
)


@pytest.mark.parametrize("name", BORROWED)
def test_account_page_holds_nothing_the_policy_forbids(name):
    source = Path(get_template(name).origin.name).read_text(encoding="utf-8")
    assert (found(source) == []) is (name not in UNUSED)


@pytest.mark.parametrize("name", [path.name for path in TEMPLATES if re.fullmatch(r"\d{3}(_csrf)?\.html", path.name)])
def test_an_error_page_has_one_heading_and_it_is_the_pages(name, rf):
    html = render_to_string(name, request=rf.get("/"))
    assert re.findall(r"<h\d", html) == ["<h1"]


def test_what_fills_a_page_without_a_frame_is_headed_as_a_page():
    framed = re.compile(r'{% extends "(base|settings/base|segmentation/base|imports/base)\.html"')
    bare = [path for path in TEMPLATES if "account" in path.parts or path.name in ("home.html", "invitation.html")]
    texts = {path.name: path.read_text(encoding="utf-8") for path in bare}
    empties = {name: re.findall(r'component "empty"( is_page=True)?', text) for name, text in texts.items()}
    assert not any(framed.search(text) for text in texts.values())
    assert [name for name, found in empties.items() if "" in found] == []
    assert sum(map(len, empties.values())) > 5
