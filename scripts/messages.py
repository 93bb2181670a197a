"""Translations without the gettext programs: `scripts/messages.py extract|compile|check`.

English is the language of the source: its catalog says only words of the libraries as we say them, and is kept by hand.
Other languages have locale/<name>/LC_MESSAGES/django.po.
  extract  brings the catalogs up to date: new messages are added untranslated, unused ones removed
  compile  writes the .mo files that Django reads
  check    lists what is missing, unused, untranslated or doubtful, or differs in placeholders or tags; fails on any
"""

import argparse
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

CLONE = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh_Hans",)
NOT_OURS = {"node_modules", "staticfiles", "tests", "bench", "scripts", "migrations"}
LAZY = {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = {**DEFAULT_KEYWORDS, **LAZY, "gettext_noop": None}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z]|%[sdrfi]|\{\w*\}")
TAG = re.compile(r"</?[a-zA-Z][\w-]*")
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""  # no dates and no line numbers: the file changes only with its messages

Key = tuple[str, str | None]  # the English text (the singular) and its context


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("extract", "compile", "check"))
    what = parser.parse_args().what
    if what == "check":
        complaints = check(CLONE)
        print("\n".join(complaints) or "The translations are complete.")
        return int(bool(complaints))
    (update_catalogs if what == "extract" else compile_catalogs)(CLONE)
    return 0


def update_catalogs(root: Path) -> None:
    found = extract_messages(root)
    for language in LANGUAGES:
        path = po_path(root, language)
        old = read_catalog(path, language) if path.exists() else Catalog(locale=language)
        new = Catalog(locale=language)
        for message in found:
            known = old.get(message.id, context=message.context)
            string, flags = (known.string, known.flags) if known and known.id == message.id else ("", set())
            new.add(message.id, string, flags=flags, auto_comments=message.auto_comments, context=message.context)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_text(new, language))


def compile_catalogs(root: Path) -> None:
    for path in sorted(root.glob("locale/*/LC_MESSAGES/django.po")):
        buffer = io.BytesIO()
        write_mo(buffer, read_catalog(path, path.parts[-3]))
        draft = path.with_suffix(".mo.new")
        draft.write_bytes(buffer.getvalue())
        draft.replace(path.with_suffix(".mo"))


def check(root: Path) -> list[str]:
    """One line for each fault."""
    found = {key(message): message for message in extract_messages(root)}
    complaints = []
    for language in LANGUAGES:
        path = po_path(root, language)
        catalog = read_catalog(path, language) if path.exists() else Catalog(locale=language)
        kept = {key(message): message for message in catalog if message.id}
        faults = [
            (known, "is not in the catalog: run scripts/messages.py extract") for known in found if known not in kept
        ]
        faults += [(known, "is used nowhere: run scripts/messages.py extract") for known in kept if known not in found]
        faults += [(key(old), "is used nowhere: delete its #~ lines") for old in catalog.obsolete.values()]
        for known in kept.keys() & found.keys():
            faults += [(known, fault) for fault in message_faults(kept[known], found[known])]
        complaints += sorted(f"{language}: “{text}” {fault}" for (text, _), fault in faults)
    return complaints


def message_faults(message: Message, source: Message) -> Iterator[str]:
    """What is wrong with one translation. A language without plural gets what the English plural says."""
    if message.id != source.id:
        yield "has another plural in the source: run scripts/messages.py extract"
        return
    translations = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(translations):
        yield "is not translated"
        return
    if message.fuzzy:
        yield "is marked fuzzy: look at it and remove the mark"
    fullest = message.id if isinstance(message.id, str) else message.id[-1]
    for number, translation in enumerate(translations):
        singular = number == 0 and len(translations) > 1
        yield from text_faults(message.id[0] if singular else fullest, translation)


def text_faults(english: str, translation: str) -> Iterator[str]:
    if Counter(PLACEHOLDER.findall(english)) != Counter(PLACEHOLDER.findall(translation)):
        yield f"differs in placeholders: “{translation}”"
    elif _lone_percents(translation) and not _lone_percents(english) and "%" in english:
        yield f"has a single % that formatting would trip over: “{translation}”"
    if Counter(TAG.findall(english)) != Counter(TAG.findall(translation)):
        yield f"differs in HTML tags: “{translation}”"
    if [english[:1].isspace(), english[-1:].isspace()] != [translation[:1].isspace(), translation[-1:].isspace()]:
        yield f"differs in spaces at its ends: “{translation}”"


def _lone_percents(text: str) -> int:
    return PLACEHOLDER.sub("", text).replace("%%", "").count("%")


def extract_messages(root: Path) -> list[Message]:
    """Everything marked for translation in Python files and templates."""
    if not settings.configured:
        settings.configure()  # templatize reads one default
    catalog = Catalog()
    for path in source_files(root):
        for _, text, comments, context in extract(
            "python", io.BytesIO(python_source(path)), KEYWORDS, ["Translators:"]
        ):
            catalog.add(text if isinstance(text, str) else tuple(text), auto_comments=comments, context=context)
    return [message for message in catalog if message.id]  # the one without text is the header


def source_files(root: Path) -> Iterator[Path]:
    """Python files, and templates: any text below a folder of that name."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS and not name.startswith("."))
        in_templates = "templates" in Path(folder).relative_to(root).parts
        for path in (Path(folder, name) for name in sorted(files)):
            if path.suffix == ".py" or (in_templates and path.suffix in {".html", ".txt", ".xml"}):
                yield path


def python_source(path: Path) -> bytes:
    """A template becomes the Python calls that its tags stand for, without the indentation it had as HTML."""
    if path.suffix == ".py":
        return path.read_bytes()
    calls = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return "\n".join(line.strip() for line in calls.splitlines()).encode()


def read_catalog(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def po_text(catalog: Catalog, language: str) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    return HEADER.format(language=language, plural_forms=catalog.plural_forms).encode() + buffer.getvalue()


def po_path(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def key(message: Message) -> Key:
    return (message.id if isinstance(message.id, str) else message.id[0], message.context)


if __name__ == "__main__":
    sys.exit(main())
