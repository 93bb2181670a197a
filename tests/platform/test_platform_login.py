"""Guessing at the log-in to Django admin: as few tries as at the other one, and counted together with them."""

import uuid

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from crm.shops.models import User
from crm.tenancy.scope import platform_scope

pytestmark = pytest.mark.django_db(databases=["default", "platform"])
PASSWORD = "correct horse battery"
TOO_MANY = ["Too many failed login attempts. Try again later."]


@pytest.fixture(autouse=True)
def fresh_limits(settings):
    settings.CACHES = {"default": project.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}


@pytest.fixture
def boss():
    with platform_scope():
        return User.objects.create_superuser("boss@huitou.example", PASSWORD)


def log_in(browser, email, password=PASSWORD, **more):
    """What the page says against it; None when signed in."""
    answer = browser.post("/platform/login/", {"username": email, "password": password}, **more)
    return answer.context["form"].non_field_errors() if answer.status_code == 200 else None


def is_in(browser):
    return browser.get("/platform/").status_code == 200


def test_right_password_opens(boss):
    browser = Client()
    assert log_in(browser, boss.email) is None
    assert is_in(browser)


def test_five_wrong_passwords_close_it_to_the_right_one(boss):
    tries = [log_in(Client(), boss.email, f"wrong {number}") for number in range(6)]
    assert [errors == TOO_MANY for errors in tries] == [False] * 5 + [True]
    browser = Client()
    assert log_in(browser, boss.email.upper()) == TOO_MANY
    assert not is_in(browser)


def test_ten_wrong_passwords_close_it_to_a_client_whatever_the_address(boss):
    tries = [log_in(Client(), f"p{number}@huitou.example", "wrong", REMOTE_ADDR="10.1.1.1") for number in range(11)]
    assert [errors == TOO_MANY for errors in tries] == [False] * 10 + [True]
    assert log_in(Client(), boss.email, REMOTE_ADDR="10.1.1.1") == TOO_MANY
    assert log_in(Client(), boss.email, REMOTE_ADDR="10.1.1.2") is None


def test_tries_at_either_log_in_count_for_both(boss):
    for number in range(5):
        Client().post(reverse("account_login"), {"login": boss.email, "password": f"wrong {number}"})
    assert log_in(Client(), boss.email) == TOO_MANY


def test_right_passwords_do_not_count(boss):
    assert [log_in(Client(), boss.email) for _each in range(12)] == [None] * 12


def test_strangers_tries_do_not_lock_a_known_browser(boss):
    known = Client()
    log_in(known, boss.email)
    known.post("/platform/logout/")
    for number in range(6):
        log_in(Client(), boss.email, f"wrong {number}")
    assert log_in(Client(), boss.email) == TOO_MANY
    assert log_in(known, boss.email) is None


def test_person_of_a_shop_is_told_nothing_new(db):
    with platform_scope():
        User.objects.create_user("ana@tea.example", PASSWORD)
    right, wrong = (log_in(Client(), "ana@tea.example", password) for password in (PASSWORD, "wrong"))
    assert right == wrong != TOO_MANY
    assert log_in(Client(), "ana@tea.example", "") is not None


def test_it_is_said_in_chinese(boss):
    chinese = Client(headers={"accept-language": "zh-hans"})
    tries = [log_in(chinese, boss.email, f"wrong {number}") for number in range(6)]
    assert tries[-1] == ["登录失败次数过多，请稍后重试。"]
