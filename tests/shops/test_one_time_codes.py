"""A one-time code counts once: at log-in, before a change of how one signs in, and at enrolment."""

import threading
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.urls import reverse

from crm.shops.mfa import take_step
from crm.shops.models import OneTimeStep
from tests.authenticator import app_code

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"
START = 1_700_000_010  # the first second of a half minute
USED = "This code was used already. Wait for the next one."


class Clock:
    """The time by which codes are right, in seconds from START."""

    passed = 0

    def time(self):
        return START + self.passed


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=clock.time))
    return clock


@pytest.fixture
def person(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    return owner


@pytest.fixture
def with_app(person):
    TOTP.activate(person, SECRET)
    return person


def after_password(person):
    """A browser that has given the password and is asked for the code."""
    browser = Client()
    browser.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return browser


def refusal(browser, code, page="mfa_authenticate"):
    """What the page says against the code; None where it was taken."""
    answer = browser.post(reverse(page), {"code": code})
    return None if answer.status_code == 302 else answer.context["form"].errors["code"][0]


@pytest.mark.parametrize("is_flushed", [False, True])
def test_code_logs_in_once_and_never_again(with_app, clock, is_flushed):
    code = app_code(SECRET, at=START)
    assert refusal(after_password(with_app), code) is None
    answers = {}
    for clock.passed in (0, 31, 61):
        if is_flushed:
            cache.clear()
        answers[clock.passed] = refusal(after_password(with_app), code)
    assert answers == {0: USED, 31: USED, 61: "Incorrect code."}  # a minute later it is not even a right one
    assert OneTimeStep.objects.get(user=with_app).step == START // 30


def test_next_code_logs_in(with_app, clock):
    assert refusal(after_password(with_app), app_code(SECRET, at=START)) is None
    clock.passed = 30
    assert refusal(after_password(with_app), app_code(SECRET, at=START + 30)) is None


def test_code_of_an_earlier_half_minute_is_over_too(with_app, clock):
    """Somebody looked over the shoulder at a code that was not typed."""
    assert refusal(after_password(with_app), app_code(SECRET, at=START + 30)) is None
    assert refusal(after_password(with_app), app_code(SECRET, at=START)) == USED
    assert refusal(after_password(with_app), app_code(SECRET, at=START - 30)) == USED


def test_code_of_the_enrolment_logs_nobody_in(person, clock):
    browser = after_password(person)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    assert refusal(browser, app_code(secret, at=START), page="mfa_activate_totp") is None
    for clock.passed in (0, 31):
        assert refusal(after_password(person), app_code(secret, at=START)) == USED
    clock.passed = 31
    assert refusal(after_password(person), app_code(secret, at=START + 30)) is None


def test_code_of_a_log_in_does_not_show_again_that_it_is_you(with_app, clock):
    browser, code = after_password(with_app), app_code(SECRET, at=START)
    assert refusal(browser, code) is None
    assert refusal(browser, code, page="mfa_reauthenticate") == USED
    clock.passed = 31
    assert refusal(browser, app_code(SECRET, at=START + 30), page="mfa_reauthenticate") is None
    assert refusal(after_password(with_app), app_code(SECRET, at=START + 30)) == USED


def test_used_code_counts_as_a_failed_try(with_app, clock):
    code = app_code(SECRET, at=START)
    browser = after_password(with_app)
    assert refusal(after_password(with_app), code) is None
    assert [refusal(browser, code) for _try in range(6)] == [USED] * 5 + [
        "Too many failed login attempts. Try again later."
    ]


def in_parallel(*calls):
    """The results of the calls, made at the same moment, each in a thread of its own."""
    results, gate = [], threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            results.append(call())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("used_before", [False, True])
def test_of_parallel_sessions_one_gets_in(with_app, clock, monkeypatch, used_before):
    # The library's own memory would hide what the database does.
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda totp, code: True)
    if used_before:
        take_step(with_app, START // 30 - 5)
    browsers = [after_password(with_app) for _each in range(4)]
    code = app_code(SECRET, at=START)
    answers = in_parallel(*[lambda browser=browser: refusal(browser, code) for browser in browsers])
    assert sorted(answers, key=str) == [None, USED, USED, USED]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_recovery_code_counts_once_also_in_parallel(with_app):
    codes = RecoveryCodes.activate(with_app).get_unused_codes()
    browsers = [after_password(with_app) for _each in range(4)]
    answers = in_parallel(*[lambda browser=browser: refusal(browser, codes[0]) for browser in browsers])
    assert sorted(answers, key=str) == ["Incorrect code."] * 3 + [None]
    cache.clear()
    assert refusal(after_password(with_app), codes[0]) == "Incorrect code."
    assert refusal(after_password(with_app), codes[1]) is None
    left = Authenticator.objects.get(user=with_app, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    assert left == codes[2:]
