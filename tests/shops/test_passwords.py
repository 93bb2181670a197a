"""Weak passwords are refused wherever one is chosen, and good ones nowhere."""

import io
import time

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now

from crm.shops import staff as people
from crm.shops.models import User
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope

PASSWORD = "correct horse battery"
NAME = "This password is little more than a name: yours, the shop's or ours."
ROW = "This password follows a row of keys, digits or letters."
REPEAT = "This password repeats itself."
GUESSABLE = "This password is easy to guess."
WEAK = {
    "123456789012": ROW,
    "987654321098": ROW,
    "abcdefghijklm": ROW,
    "qwertyuiopas": GUESSABLE,
    "zxcvbnm,./zx": ROW,
    "asdfghjkl;'1": ROW,
    "qazwsxedcrfv": GUESSABLE,
    "1q2w3e4r5t6y": GUESSABLE,
    "111111222222": ROW,
    "aaaaaaaaaaaa": REPEAT,
    "!!!!!!!!!!!!": REPEAT,
    "passwordpassword": REPEAT,
    "abcabcabcabc": REPEAT,
    "password-password-pass": REPEAT,
    "你好你好你好你好你好你好": REPEAT,
    "huitou huitou": REPEAT,
    "Huitou-2026-!": NAME,
    "回头回头 CRM 2026": NAME,
    "shopa-shopa-shopa": REPEAT,
    "Shopa 2026 !!": NAME,
    "Tea & Sons 2026": NAME,
    "TeaSons_TeaSons1": NAME,
    "anna.schmidt-1": NAME,
    "Schmidt Anna 99": NAME,
    "anna@mail.example": NAME,
    "Password1234!": GUESSABLE,
    "P@ssw0rd2026": GUESSABLE,
    "iloveyou12345": GUESSABLE,
    "woaini1314520": GUESSABLE,
    "letmein letmein": REPEAT,
    "monkey dragon": GUESSABLE,
    "admin1234567": GUESSABLE,
}
GOOD = (
    PASSWORD,
    "a wholly new one",
    "purple window seven rivers",
    "my cat hates Mondays",
    "tea at the green door",
    "Tea & Sons sells no coffee before noon",
    "sunny-brass-otter-42",
    "x7#Kp2!vQz9m",
    "春眠不觉晓处处闻啼鸟夜来",
    "我家门前有两棵枣树都很老",
    "wo jia you liang ke zaoshu",
    "Mein Fahrrad ist gelb",
    "c0a6f2d19be84c75",
    "correct horse battery " * 40,
)


@pytest.fixture
def anna(make_shop, make_member):
    """Anna Schmidt, member of the shops "shopa" and "Tea & Sons"."""
    user = make_member(make_shop("shopa", name="Shop A"), Role.OWNER, "anna@mail.example")
    User.objects.filter(pk=user.pk).update(name="Anna Schmidt")
    tea = make_shop("tea", name="Tea & Sons")
    with shop_scope(tea):
        tea.memberships.create(shop=tea, user=user, role=Role.AGENT)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return User.objects.get(pk=user.pk)


def fault(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as error:
        (sentence,) = error.messages
        return sentence
    return None


@pytest.mark.parametrize(("password", "reason"), WEAK.items())
def test_weak_password_is_refused_with_its_reason(anna, password, reason):
    assert fault(password, anna) == f"{reason} A few words that do not belong together make a good one."


@pytest.mark.parametrize("password", GOOD)
def test_good_password_is_accepted(anna, password):
    assert fault(password, anna) is None


def test_length_is_what_counts():
    assert fault("x7#Kp2!vQz9") == "This password is too short. Use at least 12 characters."
    assert fault("x7#Kp2!vQz9m") is None


def test_names_of_a_shop_one_is_not_in_do_not_count(anna, stranger, other_shop):
    assert fault("Tea & Sons 2026", stranger) is None
    assert fault("Other Shop 2026, again", anna) is None


SLOW = ("4@8({[</369&#!1/|0$5+7%2/" * 3, "1!|il17" * 9, "p@$$w0rd1" * 8, "a1" * 500_000, str(list(range(100_000))))


@pytest.mark.parametrize("password", SLOW)
def test_password_made_to_be_slow_is_judged_in_a_moment(password):
    begun = time.process_time()
    fault(password)
    assert time.process_time() - begun < 2


def sign_up(password):
    form = {
        "shop_name": "Ana's Corner",
        "slug": "shopa",
        "currency": "CNY",
        "timezone": "Asia/Shanghai",
        "language": "en",
        "email": "ana@tea.example",
        "password1": password,
    }
    return Client().post(reverse("account_signup"), form).context["form"].errors.get("password1", [])


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["shopa-2026-!!", "Anas Corner 1", "123456789012", "huitou huitou"])
def test_sign_up_refuses(password):
    assert len(sign_up(password)) == 1
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["shopa-2026-!!", "anna.schmidt-1", "qwertyuiopas"])
def test_change_refuses(anna, as_person, password):
    browser = as_person(anna)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert len(browser.post(reverse("account_change_password"), form).context["form"].errors["password1"]) == 1
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["shopa-2026-!!", "anna.schmidt-1", "qwertyuiopas"])
def test_reset_refuses(anna, password):
    Client().post(reverse("account_reset_password"), {"email": anna.email})
    link = next(line for line in mail.outbox[0].body.splitlines() if "/password/reset/key/" in line)
    browser = Client()
    page = browser.get(link.removeprefix("http://localhost:8000"), follow=True).redirect_chain[-1][0]
    answer = browser.post(page, {"password1": password, "password2": password})
    assert len(answer.context["form"].errors["password1"]) == 1
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["Tea & Sons 2026", "Wang Xiaoming 1", "newcomer@b.example", "qwertyuiopas"])
def test_invitation_refuses(shop, owner, password, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), shop_scope(shop):
        people.invite(shop, email="newcomer@b.example", role=Role.AGENT, by=owner, now=now())
    path = next(line for line in mail.outbox[-1].body.splitlines() if "/invitations/" in line)
    form = {"name": "Wang Xiaoming", "password": password}
    answer = Client().post(path.removeprefix("http://localhost:8000"), form)
    assert (answer.status_code, len(answer.context["form"].errors["password"])) == (422, 1)
    assert not User.objects.filter(email="newcomer@b.example").exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])
def test_superuser_with_a_weak_password_is_not_made(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "huitou huitou")
    with pytest.raises(CommandError, match="This password repeats itself"):
        call_command("createsuperuser", "--noinput", email="boss@huitou.example", verbosity=0)
    monkeypatch.setattr("getpass.getpass", lambda prompt="": "qwertyuiopas")
    monkeypatch.setattr("builtins.input", lambda prompt="": "y")  # passes over what it is told
    with pytest.raises(CommandError, match="This password is easy to guess"):
        call_command("createsuperuser", email="boss@huitou.example", stdin=Terminal(), stderr=io.StringIO())
    assert not User.objects.exists()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", email="boss@huitou.example", verbosity=0)
    assert User.objects.get().check_password(PASSWORD)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "platform"])
def test_changepassword_knows_the_persons_shops(anna, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt="": "Tea & Sons 2026")
    with pytest.raises(CommandError, match="Aborting password change"):
        call_command("changepassword", anna.email, stdout=io.StringIO(), stderr=io.StringIO())
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


@pytest.mark.parametrize("name", ["account_signup", "account_change_password"])
def test_chinese_password_pages_say_nin(anna, as_person, name):
    browser = Client() if name == "account_signup" else as_person(anna)
    page = browser.get(reverse(name), headers={"accept-language": "zh-hans"}).text
    assert "至少 12 个字符" in page
    assert "你" not in page
    with translation.override("zh-hans"):
        sentences = [fault(password, anna) for password in ("short", *WEAK)]
    assert all(sentence and sentence.startswith("此密码") and "你" not in sentence for sentence in sentences)
