"""Mails and uploads are readable by nobody else, whatever the umask."""

import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.mail import get_connection, send_mail


@pytest.fixture(autouse=True)
def open_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder):
    return {oct(path.stat().st_mode & 0o777) for path in folder.rglob("*") if path.is_file()}, {
        oct(path.stat().st_mode & 0o777) for path in folder.rglob("*") if path.is_dir()
    }


def test_mails_are_private(tmp_path):
    connection = get_connection("crm.lib.mail_files.EmailBackend", file_path=tmp_path / "mail")
    for _ in range(2):
        send_mail("Reset", "a link", "huitou@localhost", ["ana@tea.example"], connection=connection)
    assert modes(tmp_path) == ({"0o600"}, {"0o700"})
    assert sum(path.read_text().count("a link") for path in (tmp_path / "mail").iterdir()) == 2


def test_uploads_are_private(tmp_path):
    storage = FileSystemStorage(location=tmp_path / "media")
    storage.save("imports/5/orders.csv", ContentFile(b"id"))
    assert modes(tmp_path) == ({"0o600"}, {"0o700"})
