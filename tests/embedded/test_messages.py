"""scripts/messages.py on small sample trees."""

import gettext

import pytest

from scripts import messages

TEMPLATE = """{% load i18n %}
      <p title="{% translate 'Hello' context 'greeting' %}">{{ _("Inline") }}
  {% blocktranslate trimmed count n=rows|length with shop=name %}
    One row of {{ shop }}
  {% plural %}
    {{ n }} rows of <b>{{ shop }}</b>
  {% endblocktranslate %}</p>
"""
PYTHON = """from django.utils.translation import gettext_lazy as _, ngettext_lazy, pgettext_lazy
# Translators: shown above the list
title = _("Customers")
rows = ngettext_lazy("%(n)d order", "%(n)d orders", "n")
state = pgettext_lazy("ticket", "Open")
"""


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "app" / "templates").mkdir(parents=True)
    (tmp_path / "app" / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "app" / "models.py").write_text(PYTHON)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "theirs.py").write_text('_("Theirs")')
    return tmp_path


def translate(tree, **pairs):
    """Fill the catalog's empty translations in the order of the file."""
    messages.update_catalogs(tree)
    path = messages.po_path(tree, "zh_Hans")
    catalog = messages.read_catalog(path, "zh_Hans")
    for message in catalog:
        english = message.id if isinstance(message.id, str) else message.id[0]
        if english in pairs:
            message.string = pairs[english] if isinstance(message.id, str) else (pairs[english],)
    path.write_bytes(messages.po_text(catalog, "zh_Hans"))
    return path


COMPLETE = {
    "Hello": "你好",
    "Inline": "行内",
    "One row of %(shop)s": "<b>%(shop)s</b>有%(n)s行",
    "Customers": "顾客",
    "%(n)d order": "%(n)d个订单",
    "Open": "待处理",
}


def test_extract_finds_python_and_templates(tree):
    found = {(message.id, message.context) for message in messages.extract_messages(tree) if message.id}
    assert found == {
        ("Hello", "greeting"),
        ("Inline", None),
        (("One row of %(shop)s", "%(n)s rows of <b>%(shop)s</b>"), None),
        ("Customers", None),
        (("%(n)d order", "%(n)d orders"), None),
        ("Open", "ticket"),
    }


def test_extract_keeps_translations_and_does_not_churn(tree):
    path = translate(tree, **COMPLETE)
    before = path.read_bytes()
    (tree / "app" / "models.py").write_text("\n\n\n" + PYTHON)
    messages.update_catalogs(tree)
    assert path.read_bytes() == before
    assert b"models.py" not in before
    assert b"shown above the list" in before


def test_complete_catalog_passes(tree):
    translate(tree, **COMPLETE)
    assert messages.check(tree) == []


def test_missing_catalog_lists_every_message(tree):
    assert len(messages.check(tree)) == 6


def test_untranslated_message_is_listed(tree):
    translate(tree, **(COMPLETE | {"Customers": ""}))
    assert messages.check(tree) == ["zh_Hans: “Customers” is not translated"]


def test_message_that_came_or_went_is_listed(tree):
    translate(tree, **COMPLETE)
    (tree / "app" / "models.py").write_text(PYTHON.replace("Customers", "People"))
    assert messages.check(tree) == [
        "zh_Hans: “Customers” is used nowhere: run scripts/messages.py extract",
        "zh_Hans: “People” is not in the catalog: run scripts/messages.py extract",
    ]


@pytest.mark.parametrize(
    ("english", "chinese", "fault"),
    [
        ("Inline", "行内%(x)s", "differs in placeholders: “行内%(x)s”"),
        ("%(n)d order", "%(m)d个订单", "differs in placeholders: “%(m)d个订单”"),
        ("One row of %(shop)s", "%(shop)s有%(n)s行", "differs in HTML tags: “%(shop)s有%(n)s行”"),
        ("%(n)d order", "%(n)d个订单，100%", "has a single % that formatting would trip over: “%(n)d个订单，100%”"),
        ("Customers", "顾客 ", "differs in spaces at its ends: “顾客 ”"),
    ],
)
def test_translation_that_would_break_the_page_is_listed(tree, english, chinese, fault):
    translate(tree, **(COMPLETE | {english: chinese}))
    assert messages.check(tree) == [f"zh_Hans: “{english}” {fault}"]


def test_fuzzy_and_obsolete_entries_are_listed(tree):
    path = translate(tree, **COMPLETE)
    text = path.read_text().replace('msgid "Customers"', '#, fuzzy\nmsgid "Customers"')
    path.write_text(text + '\n#~ msgid "Gone"\n#~ msgstr "没了"\n')
    assert messages.check(tree) == [
        "zh_Hans: “Customers” is marked fuzzy: look at it and remove the mark",
        "zh_Hans: “Gone” is used nowhere: delete its #~ lines",
    ]


def test_compiled_catalog_translates(tree):
    path = translate(tree, **COMPLETE)
    messages.compile_catalogs(tree)
    with path.with_suffix(".mo").open("rb") as file:
        chinese = gettext.GNUTranslations(file)
    assert chinese.gettext("Customers") == "顾客"
    assert chinese.ngettext("%(n)d order", "%(n)d orders", 1) == "%(n)d个订单"
    assert chinese.pgettext("ticket", "Open") == "待处理"
