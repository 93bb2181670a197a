"""Answers that are no pages of ours: what a browser asks for by itself must not disturb the page beside it."""

import pytest
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, RequestFactory


@pytest.fixture
def stranger():
    """A browser that holds no cookie yet."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", ["/apple-touch-icon.png", "/.well-known/change-password"])
def test_error_page_gives_out_no_secret(stranger, path, db):
    response = stranger.get(path)
    assert response.status_code == 404
    assert response.cookies.keys() == set()


def test_refused_form_gives_out_no_secret(db):
    response = Client(enforce_csrf_checks=True).post("/accounts/login/")
    assert response.status_code == 403
    assert settings.CSRF_COOKIE_NAME not in response.cookies


def test_page_with_a_form_gives_one_out(stranger, db):
    assert settings.CSRF_COOKIE_NAME in stranger.get("/accounts/login/").cookies


def test_waiting_message_outlives_an_error_page(stranger, db):
    message = Message(constants.SUCCESS, "1 customer tagged.")
    stranger.cookies["messages"] = CookieStorage(RequestFactory().get("/"))._encode([message])
    response = stranger.get("/apple-touch-icon.png")
    assert response.status_code == 404
    assert "messages" not in response.cookies
    assert "1 customer tagged." in stranger.get("/accounts/login/").content.decode()


def test_icon_is_found_at_its_old_place(stranger, db):
    response = stranger.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/img/mark.svg")
    assert response.cookies.keys() == set()
