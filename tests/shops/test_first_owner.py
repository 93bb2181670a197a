"""The first owner of an installation that writes mails to files is let in at once; nobody else is."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connections
from django.test import Client
from django.urls import reverse

from crm.shops.actions import create_shop
from crm.shops.models import Shop, User
from crm.tenancy.scope import platform_scope
from tests.shops.test_mail import SIGN_UP
from tests.shops.test_mail_to_files import folder  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"]),
    pytest.mark.usefixtures("folder"),
]
ASKED_TO_CONFIRM = reverse("account_email_verification_sent")
LET_IN = "/"


def sign_up(browser=None, **changes):
    return (browser or Client()).post(reverse("account_signup"), SIGN_UP | changes)


def confirmed():
    return sorted(EmailAddress.objects.filter(verified=True).values_list("email", flat=True))


@pytest.fixture
def demo(make_shop):
    """As `manage.py seed_demo` leaves it, without its orders."""
    person = User.objects.create_user("owner@example.com", "a password of the demo")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    make = {"name": "Tea & Trinkets", "currency": "GBP", "timezone": "Europe/London", "owner": person}
    create_shop("tea-and-trinkets", is_demo=True, **make)
    return person


def test_first_owner_is_let_in_and_told(tmp_path):
    browser = Client()
    assert sign_up(browser).url == LET_IN
    assert browser.get("/").url == "/s/coffee/"
    assert confirmed() == ["ana@coffee.example"]
    assert not (tmp_path / "mail").exists()
    page = browser.get("/s/coffee/customers/").text
    assert (
        "You are in without confirming ana@coffee.example, as you are the first here and mail goes to files in "
        f"{tmp_path / 'mail'}. Everybody after you opens the link in such a file."
    ) in page


def test_second_owner_confirms(tmp_path):
    sign_up()
    browser = Client()
    assert sign_up(browser, slug="second", email="bo@second.example").url == ASKED_TO_CONFIRM
    assert browser.get("/").url.startswith(reverse("account_login"))
    assert confirmed() == ["ana@coffee.example"]
    assert len(list((tmp_path / "mail").iterdir())) == 1


def test_the_demo_is_nobody(demo):
    assert sign_up().url == LET_IN
    assert confirmed() == ["ana@coffee.example", "owner@example.com"]


def test_where_a_shop_is_nobody_is_the_first(shop, demo):
    assert sign_up().url == ASKED_TO_CONFIRM


def test_where_somebody_is_nobody_is_the_first(stranger):
    assert sign_up().url == ASKED_TO_CONFIRM
    assert confirmed() == []


def test_where_staff_of_the_installation_are_nobody_is_the_first():
    with platform_scope():
        User.objects.create_superuser("boss@huitou.example", "a password of the boss")
    assert sign_up().url == ASKED_TO_CONFIRM


def test_where_many_work_in_the_demo_nobody_is_the_first(demo, make_member):
    for number in range(20):
        make_member(Shop.objects.get(), "agent", f"p{number}@example.com")
    assert sign_up().url == ASKED_TO_CONFIRM


def test_where_mail_is_sent_the_first_owner_confirms(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sign_up().url == ASKED_TO_CONFIRM
    assert confirmed() == []


def test_of_several_at_once_one_is_let_in():
    gate, answers = threading.Barrier(4), []

    def ask(number):
        gate.wait()
        try:
            answers.append(sign_up(slug=f"shop-{number}", email=f"p{number}@shop.example").url)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted([LET_IN] + [ASKED_TO_CONFIRM] * 3)
    assert len(confirmed()) == 1


def test_it_is_said_in_chinese(tmp_path):
    browser = Client(headers={"accept-language": "zh-hans"})
    sign_up(browser, language="zh-hans")
    place = tmp_path / "mail"
    assert (
        f"您是这里的第一位用户，而本系统的邮件只写入 {place} 中的文件，所以 ana@coffee.example 未经验证就已登录。"
        "之后注册的人都要打开邮件文件里的链接。"
    ) in browser.get("/s/coffee/customers/").text
