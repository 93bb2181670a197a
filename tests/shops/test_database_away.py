"""While PostgreSQL restarts pages say so, with 503 and when to come again, whatever part of the program notices."""

import psycopg
import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, close_old_connections, connections
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from crm.shops.errors import failed
from crm.shops.keys import create_key
from crm.tenancy.scope import shop_scope

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "platform", "owner"])]
handler500 = "crm.shops.errors.failed"


def loses_its_connection(request, shop_slug):
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("not reached")


def breaks(request, shop_slug):
    raise ZeroDivisionError


@login_not_required
def breaks_for_everybody(request):
    raise ZeroDivisionError


urlpatterns = [
    path("s/<slug:shop_slug>/lost/", loses_its_connection),
    path("s/<slug:shop_slug>/breaks/", breaks),
    path("breaks/", breaks_for_everybody),
    path("", include("crm.urls")),
]


@pytest.fixture
def browser(shop, owner, as_person):
    yield as_person(owner, Client(raise_request_exception=False))
    for connection in connections.all():
        connection.close()


def is_said(answer, words="Huitou is back in a moment"):
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer["Cache-Control"] == "private, no-store"
    text = answer.content.decode()
    assert words in text
    assert "<form" not in text
    assert "csrf" not in text
    return True


def end_connection(alias="default"):
    """Ends the backend behind the connection, as a restart would, from a connection of its own."""
    connection = connections[alias]
    connection.ensure_connection()
    params = connection.get_connection_params()
    known = {name: params[name] for name in ("host", "port", "user", "password", "dbname") if name in params}
    with psycopg.connect(**known) as own:
        own.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


@pytest.mark.parametrize("url", ["/s/tea/", "/s/tea/customers/", "/", "/accounts/email/", "/s/tea/jobs/ring/"])
def test_a_page_whose_session_cannot_be_read(browser, url):
    end_connection()
    assert is_said(browser.get(url))
    close_old_connections()
    assert browser.get(url).status_code in (200, 302)


def test_an_invitation_and_a_log_in_without_a_session(browser):
    for method, url in (("get", "/invitations/tea/abc/"), ("post", "/accounts/login/")):
        end_connection()
        nobody = Client(raise_request_exception=False)
        assert is_said(getattr(nobody, method)(url, {"login": "a@b.de", "password": "correct horse battery"}))
        close_old_connections()


def test_the_platform(browser, owner):
    type(owner).objects.using("owner").filter(pk=owner.pk).update(is_staff=True)
    end_connection("platform")
    browser.cookies["sessionid"] = "a" * 32
    assert is_said(browser.get("/platform/"))


def test_a_view_that_loses_its_connection(browser, settings):
    settings.ROOT_URLCONF = __name__
    assert is_said(browser.get("/s/tea/lost/"))
    close_old_connections()
    assert browser.get("/s/tea/customers/").status_code == 200


def test_it_is_said_in_the_readers_language(browser):
    end_connection()
    assert is_said(browser.get("/s/tea/", headers={"Accept-Language": "zh-CN"}), "回头马上就好")


def test_a_database_that_refuses_connections(browser, settings):
    with shop_scope(1_000_000):
        pass  # what follows is not the first use of the connection
    connection = connections["default"]
    connection.close()
    known = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
    try:
        assert is_said(browser.get("/s/tea/"))
        assert is_said(Client(raise_request_exception=False).get("/invitations/tea/abc/"))
    finally:
        connection.settings_dict.update(known)
        connection.close()
    assert browser.get("/s/tea/customers/").status_code == 200


def test_the_api_answers_as_before(browser, shop):
    with shop_scope(shop):
        key = create_key(shop, name="away", by=None)[1]
    end_connection()
    answer = Client(raise_request_exception=False).get("/api/v1/customers", HTTP_AUTHORIZATION=f"Bearer {key}")
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "unavailable")


def test_what_is_broken_otherwise_is_a_500(browser, settings):
    settings.ROOT_URLCONF = __name__
    for url in ("/s/tea/breaks/", "/breaks/"):
        answer = browser.get(url)
        assert answer.status_code == 500
        assert "Retry-After" not in answer


def test_an_error_that_came_of_a_lost_connection_counts(rf):
    try:
        try:
            raise OperationalError
        except OperationalError as error:
            raise ValueError from error
    except ValueError:
        assert failed(rf.get("/")).status_code == 503
