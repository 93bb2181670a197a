"""Forms of a page that was made for one person, sent after another has signed in in the same browser."""

import pytest
from django.conf import settings
from django.test import Client

from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import Note
from tests.factories import customers


@pytest.fixture
def ana(shop):
    return customers.customer(shop, "Ana")


@pytest.fixture
def agent(shop, make_member):
    return make_member(shop, Role.AGENT)


@pytest.fixture
def marketer(shop, make_member):
    return make_member(shop, Role.MARKETER, email="mara@tea.example")


@pytest.fixture
def send(shop, ana, marketer):
    """Sends a note as the marketer, with the token of the cookie; `headers` are those of htmx."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(marketer, backend=settings.AUTHENTICATION_BACKENDS[0])
    browser.get(f"/s/{shop.slug}/customers/{ana.pk}/")
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value

    def send_(headers=None, **fields):
        path = f"/s/{shop.slug}/customers/{ana.pk}/notes/"
        return browser.post(path, {"csrfmiddlewaretoken": token, "body": "喜欢浓香型"} | fields, headers=headers)

    return send_


def authors(shop):
    with shop_scope(shop):
        return list(Note.objects.values_list("author__email", flat=True))


def test_a_form_of_somebody_elses_page_is_refused(shop, send, agent):
    response = send(made_for=agent.pk)
    assert response.status_code == 409
    assert "<h1>Somebody else is signed in now</h1>" in response.text
    assert "You are signed in as Marketer now" in response.text
    assert agent.email not in response.text
    assert authors(shop) == []


def test_it_is_refused_in_chinese(shop, send, agent):
    response = send({"Accept-Language": "zh-hans"}, made_for=agent.pk)
    assert response.status_code == 409
    assert "您现在登录的是 Marketer，而此页面是另一个账号打开的，所以没有保存。" in response.text


def test_an_old_token_gets_the_same_answer(shop, send, agent):
    assert send(made_for=agent.pk, csrfmiddlewaretoken="a" * 32).status_code == 409
    assert authors(shop) == []


def test_a_part_of_somebody_elses_page_is_refused_with_a_sentence(shop, send, agent):
    response = send({"HX-Request": "true", "X-Person": str(agent.pk)})
    assert response.status_code == 409
    assert response.json().keys() == {"detail"}
    assert response.json()["detail"].startswith("You are signed in as Marketer now")
    assert authors(shop) == []


@pytest.mark.parametrize("mark", ["0", "x", "-1", "1" * 5000])
def test_a_strange_mark_is_somebody_elses(shop, send, mark):
    assert send(made_for=mark).status_code == 409
    assert authors(shop) == []


def test_a_form_of_ones_own_page_is_taken(shop, send, marketer):
    assert send(made_for=marketer.pk).status_code == 302
    send({"HX-Request": "true", "X-Person": str(marketer.pk)})
    assert authors(shop) == [marketer.email] * 2


@pytest.mark.parametrize("fields", [{}, {"made_for": ""}])
def test_a_form_that_says_nothing_is_as_good_as_its_token(shop, send, marketer, fields):
    assert send(**fields).status_code == 302
    assert send(csrfmiddlewaretoken="a" * 32, **fields).status_code == 403
    assert authors(shop) == [marketer.email]


def test_pages_say_for_whom_they_are(shop, marketer, as_person):
    browser = as_person(marketer)
    for path in (f"/s/{shop.slug}/customers/", "/accounts/email/"):
        page = browser.get(path).text
        assert f'data-person="{marketer.pk}"' in page, path
        assert f'"X-Person": "{marketer.pk}"' in page, path
    assert 'data-person=""' in Client().get("/accounts/login/").text


def test_an_account_is_not_changed_from_somebody_elses_page(marketer, agent, as_person):
    fields = {"email": "new@tea.example", "action_add": "", "made_for": agent.pk}
    assert as_person(marketer).post("/accounts/email/", fields).status_code == 409


def test_whoever_is_signed_out_is_led_to_the_log_in(shop, ana, agent):
    response = Client().post(f"/s/{shop.slug}/customers/{ana.pk}/notes/", {"body": "x", "made_for": agent.pk})
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")
