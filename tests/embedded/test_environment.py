"""The table of environment variables, and what settings make of it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crm.lib import environment
from crm.lib.embedded import StartError

CLONE = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    for variable in environment.TABLE:
        monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def test_operations_page_has_the_table():
    assert environment.markdown_table() in (CLONE / "docs" / "operations.md").read_text()


def test_numpy_will_find_that_it_has_one_thread(tmp_path):
    script = "import os, sys, crm.settings; print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    bare = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", script], cwd=CLONE, env=bare, capture_output=True, text=True)
    assert found.stdout == "1 False\n"


def test_database_url_is_read_into_djangos_words(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm_app:p%40ss@db.example:5433/huitou?sslmode=require")
    assert environment.database("crm_app") == {
        "NAME": "huitou",
        "USER": "crm_app",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }
    assert environment.database("crm_owner") is None
    assert not environment.uses_embedded_postgres()


def test_embedded_database_is_a_folder_of_sockets():
    entry = environment.database("crm_owner")
    assert (entry["USER"], entry["NAME"], entry["PASSWORD"], entry["PORT"]) == ("crm_owner", "huitou", "", "")
    assert entry["HOST"].startswith("/")


def test_refusal_does_not_show_the_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://crm_app:verysecret@db.example/huitou")
    with pytest.raises(StartError, match=r"^DATABASE_URL must begin with postgresql://\.$"):
        environment.database("crm_app")


def test_redis_socket_is_spelt_for_celery():
    assert environment.redis_url().startswith("unix:///")
    assert environment.celery_broker_url() == (
        environment.redis_url().replace("unix://", "redis+socket://").replace("?db=0", "?virtual_host=0")
    )


def test_given_redis_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://:secret@redis:6379/0")
    assert environment.redis_url() == environment.celery_broker_url() == "redis://:secret@redis:6379/0"


def test_secret_key_is_made_once_and_private(tmp_path):
    first = environment.secret_key()
    assert environment.secret_key() == first
    assert len(first) > 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_secret_key_is_the_same_for_programs_that_start_together(tmp_path):
    program = "from crm.lib.environment import secret_key; print(secret_key())"
    programs = [
        subprocess.Popen([sys.executable, "-c", program], cwd=CLONE, stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    assert len({program.communicate()[0] for program in programs}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["locks", "secret_key"]


def test_production_needs_its_own_secret_key(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm_app@db/huitou")
    with pytest.raises(StartError, match=r"^Set SECRET_KEY to a long random text"):
        environment.secret_key()


def test_mail_goes_to_files_unless_there_is_a_server(monkeypatch, tmp_path):
    assert environment.email()["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    monkeypatch.setenv("EMAIL_URL", "smtp://me:s%2Fcret@mail.example?tls=implicit")
    settings = environment.email()
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"], settings["EMAIL_HOST_PASSWORD"]) == (
        "mail.example",
        465,
        "s/cret",
    )
    assert (settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (False, True)


@pytest.mark.parametrize(
    ("name", "value", "read", "sentence"),
    [
        ("WEB_WORKERS", "many", lambda: environment.number("WEB_WORKERS"), "WEB_WORKERS must be a whole number"),
        ("DEBUG", "maybe", lambda: environment.switch("DEBUG"), "DEBUG must be on or off"),
        ("PORT", "99999", environment.port, "PORT must be between 1 and 65535"),
        ("EMAIL_URL", "smtp://m?tls=old", environment.email, "EMAIL_URL: tls must be starttls, implicit or none"),
    ],
)
def test_wrong_value_is_one_sentence(monkeypatch, name, value, read, sentence):
    monkeypatch.setenv(name, value)
    with pytest.raises(StartError, match=f"^{sentence}"):
        read()


def test_hosts_follow_the_address(monkeypatch):
    monkeypatch.setenv("BASE_URL", "https://crm.example.com/")
    assert environment.base_url() == "https://crm.example.com"
    assert environment.allowed_hosts() == ["crm.example.com", "localhost", "127.0.0.1", "[::1]"]


def test_named_hosts_leave_the_machine_itself_welcome(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "crm.example.com, shop.example.cn")
    assert environment.allowed_hosts() == ["crm.example.com", "shop.example.cn", "localhost", "127.0.0.1", "[::1]"]
