"""A shop that requires two-step sign-in: whom it stops, what they can still do, and who may ask for it."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from crm.shops.keys import create_key
from crm.shops.models import AuditEntry, Membership
from crm.shops.roles import GUARDED_RIGHTS, Right, Role, has_right, is_guarded
from crm.tenancy.scope import shop_scope
from tests.tenancy.doors import PAGES
from tests.tenancy.test_sweep import PAGES as ROUTES

SECRET = "JBSWY3DPEHPK3PXP"
STOPPED = {Role.OWNER, Role.MANAGER, Role.MARKETER}
SET_UP = "/s/tea/settings/two-step/"
SECURITY = "/s/tea/settings/security/"


@pytest.fixture
def strict_shop(shop):
    shop.requires_mfa = True
    shop.save(update_fields=["requires_mfa"])
    return shop


@pytest.fixture
def browser_of(shop, make_member, as_person):
    def browser(role):
        return as_person(make_member(shop, role))

    return browser


def with_app(user):
    TOTP.activate(user, SECRET)


def require(browser, answer):
    return browser.post(reverse("settings:require-two-steps", args=["tea"]), {"required": answer}, follow=True)


def test_guarded_roles_are_those_that_export_or_manage():
    assert {Right.EXPORT, Right.MANAGE_STAFF, Right.MANAGE_KEYS} == GUARDED_RIGHTS
    assert {role for role in Role if is_guarded(role)} == STOPPED
    assert not is_guarded("unknown")


@pytest.mark.parametrize("role", Role)
def test_each_role_meets_the_rule(strict_shop, make_member, as_person, role):
    person = make_member(strict_shop, role)
    browser = as_person(person)
    answer = browser.get("/s/tea/customers/")
    assert (answer.status_code, answer.get("Location")) == ((302, SET_UP) if role in STOPPED else (200, None))
    with_app(person)
    assert browser.get("/s/tea/customers/").status_code == 200
    Authenticator.objects.filter(user=person).delete()  # and taken off again
    assert browser.get("/s/tea/customers/").status_code == (302 if role in STOPPED else 200)


@pytest.mark.parametrize("role", Role)
def test_nobody_is_stopped_where_the_shop_does_not_require_it(browser_of, role):
    assert browser_of(role).get("/s/tea/customers/").status_code == 200


def test_no_page_opens_and_no_button_works(strict_shop, browser_of):
    browser = browser_of(Role.OWNER)
    for name, arguments in ROUTES.items():
        # Nobody gets so far as to look the ids up.
        path = reverse(name, kwargs=dict.fromkeys(arguments, 1) | {"shop_slug": "tea"})
        for method in PAGES[name].methods if path != SET_UP else ():
            answer = browser.generic(method, path)
            assert (answer.status_code, answer.get("Location")) == (302, SET_UP), (method, path)
    with shop_scope(strict_shop):
        assert not AuditEntry.objects.exists()
        assert Membership.objects.count() == 1


def test_set_up_page_leads_to_passkey_and_app_in_both_languages(strict_shop, browser_of):
    browser = browser_of(Role.MANAGER)
    for language, words in (("en", "“Tea &amp; Sons” asks for two-step sign-in"), ("zh-hans", "要求两步验证")):
        page = browser.get(SET_UP, HTTP_ACCEPT_LANGUAGE=language)
        assert page.status_code == 200
        assert words in page.text
        assert f'href="{reverse("mfa_activate_totp")}"' in page.text
        assert f'href="{reverse("mfa_add_webauthn")}"' in page.text
    assert browser.get(reverse("mfa_index")).status_code == 200


def test_set_up_page_is_for_those_who_need_it(strict_shop, browser_of):
    assert browser_of(Role.AGENT).get(SET_UP).url == SECURITY


def test_part_of_a_page_leads_the_whole_page_there(strict_shop, browser_of):
    answer = browser_of(Role.OWNER).get("/s/tea/jobs/ring/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.content, answer["HX-Redirect"]) == (200, b"", SET_UP)


def test_recovery_codes_alone_are_no_second_step(strict_shop, make_member, as_person):
    person = make_member(strict_shop, Role.OWNER)
    RecoveryCodes.activate(person)
    assert as_person(person).get("/s/tea/customers/").url == SET_UP


def test_passkey_is_a_second_step(strict_shop, make_member, as_person):
    person = make_member(strict_shop, Role.OWNER)
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Laptop"})
    assert as_person(person).get("/s/tea/customers/").status_code == 200


def test_other_shop_and_api_keys_go_on(strict_shop, other_shop, make_member, as_person):
    person = make_member(strict_shop, Role.OWNER)
    with shop_scope(other_shop):
        Membership.objects.create(shop=other_shop, user=person, role=Role.OWNER)
    with shop_scope(strict_shop):
        _, key = create_key(strict_shop, name="Storefront", by=None)
    assert as_person(person).get("/s/other/customers/").status_code == 200
    assert Client().get("/api/v1/customers", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 200


def test_owner_without_a_second_step_cannot_ask_for_it(shop, browser_of):
    browser = browser_of(Role.OWNER)
    page = require(browser, "yes")
    assert "Set up two-step sign-in for yourself first: you would be shut out too." in page.text
    shop.refresh_from_db()
    assert not shop.requires_mfa
    assert 'value="yes"' not in browser.get(SECURITY).text


def test_owner_switches_it_on_and_off_on_the_record(shop, make_member, as_person):
    owner = make_member(shop, Role.OWNER)
    with_app(owner)
    browser = as_person(owner)
    assert 'value="yes"' in browser.get(SECURITY).text
    assert 'value="no"' in require(browser, "yes").text
    shop.refresh_from_db()
    assert shop.requires_mfa
    assert 'value="yes"' in require(browser, "no").text
    shop.refresh_from_db()
    assert not shop.requires_mfa
    with shop_scope(shop):
        entries = AuditEntry.objects.order_by("seq").values_list("action", "actor_id", "details")
        assert list(entries) == [("shop.changed", owner.pk, {"fields": ["requires_mfa"]})] * 2


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
def test_only_owners_may_ask_for_it(shop, make_member, as_person, role):
    assert not has_right(role, Right.SET_SECURITY)
    person = make_member(shop, role)
    with_app(person)
    browser = as_person(person)
    assert require(browser, "yes").status_code == 403
    assert "Two-step sign-in in this shop" not in browser.get(SECURITY).text
    shop.refresh_from_db()
    assert not shop.requires_mfa


@pytest.mark.parametrize("role", Role)
def test_guarded_roles_are_advised_to_set_it_up(shop, make_member, as_person, role):
    person = make_member(shop, role)
    browser = as_person(person)
    advice = "A password alone is not enough for you"
    assert (advice in browser.get(SECURITY).text) == (role in STOPPED)
    with_app(person)
    assert advice not in browser.get(SECURITY).text
