"""Headings of who has opted out, as services and shops write them."""

import pytest

from customers.sources import Mapping
from customers.sources.consent_headings import WITHDRAWN_AT, may_be_consent, opt_out_part, opt_outs_in
from customers.sources.mapping import heading_key

EMAIL, SMS = ("email",), ("sms",)
BOTH = ("email", "sms")
FLAGS = {
    # HubSpot, Salesforce, Dynamics
    "Unsubscribed from all email": EMAIL, "Opted out of email: Marketing Information": EMAIL,
    "Opted out of email: One to One": EMAIL, "Email Opt Out": EMAIL, "HasOptedOutOfEmail": EMAIL,
    "SMS_Opt_Out__c": SMS, "Do Not Call": ("phone",), "DoNotBulkEMail": EMAIL, "Do Not Email": EMAIL,
    # Brevo, Klaviyo, ActiveCampaign, Mailjet
    "Email unsubscribed": EMAIL, "Email blocklisted": EMAIL, "emailBlacklisted": EMAIL, "smsBlacklisted": SMS,
    "Email Suppressions": EMAIL, "SMS Suppressions": SMS, "Unsubscribed": EMAIL, "is_unsubscribed": EMAIL,
    # Shops' own
    "Email Opt-Out": EMAIL, "email_optout": EMAIL, "Opted out": BOTH, "Do not contact": BOTH, "Blacklisted": BOTH,
    "Do Not Mail": ("email", "post"), "No newsletter": EMAIL, "Does not want newsletters": EMAIL,
    "Unsubscribe reason": EMAIL, "Newsletter abbestellt": EMAIL,
    "已退订": EMAIL, "是否退订": EMAIL, "拒收短信": SMS, "黑名单": BOTH,
}  # fmt: skip
DATES = ("Unsubscribed at", "Unsubscribe date", "Opt-out date", "Date of opt-out", "Email opted out on", "退订时间")
OTHERS = (
    "Email", "Phone", "Text", "Contact", "List", "Mailing list", "do_not_profile", "Email Opt In", "Opt in / Opt out",
    "Unsubscribe link", "Unsubscribe token", "Fax Opt Out", "Subscribed", "Newsletter", "Accepts Marketing", "Status",
    "Notes", "No", "",
)  # fmt: skip


@pytest.mark.parametrize(("heading", "channels"), FLAGS.items())
def test_headings_of_who_has_opted_out_are_known(heading, channels):
    found = opt_outs_in([heading], [heading_key(heading)])
    assert found == {f"consent.{channel}.marketing.opt_out": heading for channel in channels}


@pytest.mark.parametrize("heading", DATES)
def test_headings_of_when_somebody_has_opted_out_are_known(heading):
    assert opt_out_part(heading_key(heading)) == WITHDRAWN_AT


@pytest.mark.parametrize("heading", OTHERS)
def test_other_headings_are_none(heading):
    assert opt_out_part(heading_key(heading)) == ""


def test_a_very_long_heading_is_looked_at_in_no_time():
    assert opt_out_part("textmessages" * 100_000 + "optout") == ""
    assert opt_out_part("textmessages" * 8 + "x") == ""


def test_several_columns_of_one_consent_are_all_read():
    header = ["Email", "Name", "Email Opt Out", "Unsubscribed", "Do+not email"]
    assert Mapping.recognised(header, "customers").consents == {
        "consent.email.marketing.opt_out": "Email Opt Out+Unsubscribed"
    }


@pytest.mark.parametrize(
    "heading", ["Opt in / Opt out", "Subscribed", "Email permission", "E-Mail status", "Do+not email"]
)
def test_what_is_not_understood_may_be_of_consents(heading):
    assert may_be_consent(heading)


@pytest.mark.parametrize(
    ("heading", "cells", "is_read"),
    [
        ("Status", ["Subscribed", "Unsubscribed", ""], True),
        ("Subscription Status", ["", "Non-Subscribed"], True),
        ("Subscription Status", ["Active", "Cancelled"], False),
        ("Status", ["yes", "no"], False),
    ],
)
def test_a_column_of_states_is_of_consents_only_where_its_cells_say_so(heading, cells, is_read):
    rows = [["ana@example.com", "Ana", cell] for cell in cells]
    found = Mapping.recognised(["Email", "Name", heading], "customers", rows).consents
    assert found == ({"consent.email.marketing": heading} if is_read else {})


def test_an_opt_out_stands_beside_a_column_called_as_ours():
    header = ["Email", "Accepts Marketing", "consent.email.marketing", "Email Opt Out"]
    assert Mapping.recognised(header, "customers").consents == {"consent.email.marketing.opt_out": "Email Opt Out"}
