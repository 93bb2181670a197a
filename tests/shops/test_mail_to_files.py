"""Where mails go to files, the pages say so and where; elsewhere they do not, and nowhere do they show a mail."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from crm.lib import environment, mail_files
from tests.shops.test_mail import PASSWORD, SIGN_UP, invite

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SENT = ("We sent you a link", "is on its way", "spam folder")


@pytest.fixture
def folder(settings, tmp_path, monkeypatch):
    """As an installation without EMAIL_URL has it."""
    monkeypatch.delenv("EMAIL_URL", raising=False)
    for name, value in environment.email().items():
        setattr(settings, name, value)
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def notice(folder):
    return f"This installation writes mail to files instead of sending it. Look in {folder} for the newest file."


def notices(page):
    """The words of each notice on the page."""
    bodies = re.findall(r'<div class="notice-body">(.*?)</div>', page.text, re.DOTALL)
    return [" ".join(body.split()) for body in bodies]


def secrets(folder):
    """Every address in the mails, without the part that all pages have."""
    mails = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    return re.findall(r"https?://[^/\s]+(/[^\s]+/\S+)", mails)


def page_after_sign_up():
    return Client().post(reverse("account_signup"), SIGN_UP, follow=True)


def page_after_reset(address):
    return Client().post(reverse("account_reset_password"), {"email": address}, follow=True)


def test_pages_name_the_folder_and_no_link(shop, owner, as_person, folder):
    EmailAddress.objects.get_or_create(user=owner, email=owner.email, defaults={"verified": True, "primary": True})
    pages = [page_after_sign_up(), page_after_reset(owner.email), invite(as_person(owner), shop)]
    assert [notices(page) for page in pages] == [[notice(folder)]] * 3
    assert [words for page in pages for words in SENT if words in page.text] == []
    links = secrets(folder)
    assert len(links) == 3
    assert [link for page in pages for link in links if link in page.text] == []
    assert "The invitation to new@person.example was written to a file." in pages[2].text


def test_reset_says_the_same_of_an_address_that_nobody_has(owner, folder):
    EmailAddress.objects.get_or_create(user=owner, email=owner.email, defaults={"verified": True, "primary": True})
    known, unknown = page_after_reset(owner.email), page_after_reset("nobody@else.example")
    assert notices(known) == notices(unknown) == [notice(folder)]


def test_change_of_address_names_the_folder(owner, as_person, folder):
    EmailAddress.objects.get_or_create(user=owner, email=owner.email, defaults={"verified": True, "primary": True})
    browser = as_person(owner)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.post(reverse("account_email"), {"email": "new@tea.example", "action_add": ""})
    assert notices(browser.get(reverse("account_email")))[1:] == [notice(folder)]


def test_pages_say_it_in_chinese(shop, folder):
    page = Client(headers={"accept-language": "zh-hans"}).post(
        reverse("account_signup"), SIGN_UP | {"language": "zh-hans"}, follow=True
    )
    assert notices(page) == [f"本系统不会真正发出邮件，而是写成文件保存。请到 {folder} 查看最新的文件。"]
    assert "邮件里有一个链接，打开即可登录。" in page.text


def test_staff_page_without_invitations_names_no_folder(shop, owner, as_person, folder):
    assert notices(as_person(owner).get(reverse("settings:staff", args=[shop.slug]))) == []


def test_where_mail_is_sent_no_page_speaks_of_files(shop, owner, as_person, folder, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    pages = [page_after_sign_up(), page_after_reset(owner.email), invite(as_person(owner), shop)]
    assert [notices(page) for page in pages] == [[], [], []]
    assert [sent in page.text for sent, page in zip(SENT[:2], pages, strict=False)] == [True, True]
    assert "The invitation to new@person.example is on its way." in pages[2].text


@pytest.mark.parametrize("inside", [True, False])
def test_what_lies_above_our_own_folder_is_not_named(folder, settings, inside):
    settings.EMAIL_FILE_PATH = str(settings.BASE_DIR / ".data" / "mail") if inside else "/data/mail"
    assert mail_files.shown_folder() == ("…/.data/mail" if inside else "/data/mail")
