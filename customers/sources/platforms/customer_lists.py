"""Lists of customers, and of addresses not to be written to, as storefronts and mailing services export them.

Spent totals and birthdays are in them too, and are not taken: orders come from orders. Consents are taken, with what
proves them.
"""

from customers.domain.consent import HARD_BOUNCE
from customers.sources.fields import CUSTOMERS, SUPPRESSIONS

from .base import Platform

SHOPIFY_CUSTOMERS = Platform(
    name="shopify-customers",
    title="Shopify, customers",
    kind=CUSTOMERS,
    # "Accepts Marketing", and address columns without "Default Address", are of exports before 2022.
    signature=(
        ("Accepts Email Marketing", "Accepts Marketing"),
        ("Total Spent",),
        ("Total Orders", "Orders Count"),
        ("First Name",),
    ),
    columns={
        "customer_id": ("Customer ID",),
        "email": ("Email",),
        "phone": ("Phone", "Default Address Phone"),
        "name": ("First Name+Last Name",),
        "city": ("Default Address City", "City"),
        "country": ("Default Address Country Code", "Country Code", "Country"),
        "tags": ("Tags",),
    },
    consents={
        "consent.email.marketing": ("Accepts Email Marketing", "Accepts Marketing"),
        "consent.email.marketing.at": ("Email Marketing Consent Updated At", "Accepts Marketing Updated At"),
        "consent.sms.marketing": ("Accepts SMS Marketing",),
        "consent.sms.marketing.at": ("SMS Marketing Consent Updated At",),
    },
    addresses={
        "address.shipping.company": ("Default Address Company", "Company"),
        "address.shipping.line1": ("Default Address Address1", "Address1"),
        "address.shipping.line2": ("Default Address Address2", "Address2"),
        "address.shipping.city": ("Default Address City", "City"),
        "address.shipping.region": ("Default Address Province Code", "Province", "Province Code"),
        "address.shipping.postcode": ("Default Address Zip", "Zip"),
        "address.shipping.country": ("Default Address Country Code", "Country Code", "Country"),
        "address.shipping.phone": ("Default Address Phone",),
    },
    notes="Total Spent and Total Orders are not read: the list of orders says them.",
)

KLAVIYO = Platform(
    name="klaviyo",
    title="Klaviyo, profiles",
    kind=CUSTOMERS,
    # A list exported with all properties has "Klaviyo ID"; the short form has the state of consent with its time. A
    # state alone may be in any list.
    signature=(
        ("Email",),
        ("Klaviyo ID", "Email Marketing Consent Timestamp", "Email Suppressions"),
    ),
    columns={
        # The number is Klaviyo's own, not the shop's: it would never meet that of an order.
        "email": ("Email",),
        "phone": ("Phone Number", "Phone"),
        "name": ("First Name+Last Name", "Name", "Full Name"),
        "city": ("City",),
        "country": ("Country",),
    },
    consents={
        "consent.email.marketing": ("Email Marketing Consent", "Email Marketing Status"),
        "consent.email.marketing.at": ("Email Marketing Consent Timestamp",),
        "consent.sms.marketing": ("SMS Marketing Consent", "SMS Marketing Status"),
        "consent.sms.marketing.at": ("SMS Marketing Consent Timestamp",),
    },
    addresses={
        "address.home.line1": ("Address", "Address 1"),
        "address.home.line2": ("Address 2",),
        "address.home.city": ("City",),
        "address.home.region": ("State / Region", "State", "Region"),
        "address.home.postcode": ("Zip Code", "Zip"),
        "address.home.country": ("Country",),
    },
    notes="Klaviyo's own number of a profile is not the shop's customer number, and is not read.",
)

MAILCHIMP = Platform(
    name="mailchimp",
    title="Mailchimp, audience",
    kind=CUSTOMERS,
    signature=(("Email Address", "EMAIL"), ("MEMBER_RATING", "Member Rating"), ("LEID", "EUID", "OPTIN_TIME")),
    columns={
        "email": ("Email Address", "EMAIL"),
        "phone": ("Phone Number", "PHONE"),
        "name": ("First Name+Last Name", "FNAME+LNAME"),
        # CC is the country by the address from which somebody signed up, as two letters.
        "country": ("Country", "CC"),
        "city": ("City",),
        "tags": ("TAGS",),
    },
    # Whom an export of subscribers names has confirmed; who never did is in another export.
    consents={
        "consent.email.marketing.granted_at": ("CONFIRM_TIME",),
        "consent.email.marketing.ip": ("CONFIRM_IP",),
        "consent.email.marketing.evidence": ("OPTIN_TIME+OPTIN_IP", "OPTIN_TIME"),
    },
    addresses={
        "address.home.line1": ("Address", "ADDRESS"),
    },
    notes="Address is one text with street and town: it is taken as it is, and names no city.",
)

# Before MAILCHIMP: both have its columns, too.
MAILCHIMP_UNSUBSCRIBED = Platform(
    name="mailchimp-unsubscribed",
    title="Mailchimp, unsubscribed",
    kind=SUPPRESSIONS,
    signature=(("Email Address", "EMAIL"), ("UNSUB_TIME",)),
    columns={"email": ("Email Address", "EMAIL"), "reason": ("UNSUB_REASON",), "suppressed_at": ("UNSUB_TIME",)},
    notes="Only the addresses are read: who is in it need not be a customer.",
)

MAILCHIMP_CLEANED = Platform(
    name="mailchimp-cleaned",
    title="Mailchimp, cleaned",
    kind=SUPPRESSIONS,
    signature=(("Email Address", "EMAIL"), ("CLEAN_TIME",)),
    columns={"email": ("Email Address", "EMAIL"), "suppressed_at": ("CLEAN_TIME",)},
    reason=HARD_BOUNCE,
    notes="Mailchimp cleans addresses whose mail comes back.",
)

BREVO = Platform(
    name="brevo",
    title="Brevo, contacts",
    kind=CUSTOMERS,
    signature=(
        ("EMAIL",),
        ("CONTACT ID", "ADDED_TIME", "DOUBLE_OPT-IN"),
        ("Email blocklisted", "Email blacklisted", "EMAIL_BLOCKLISTED", "EMAIL_BLACKLISTED"),
    ),
    columns={
        # The number is Brevo's own.
        "email": ("EMAIL",),
        "phone": ("SMS", "WHATSAPP"),
        "name": ("FIRSTNAME+LASTNAME",),
    },
    consents={"consent.email.marketing": ("OPT_IN",)},
    notes="Who is blocklisted or has unsubscribed has withdrawn, whatever OPT_IN says.",
)

LISTMONK = Platform(
    name="listmonk",
    title="listmonk, subscribers",
    kind=CUSTOMERS,
    signature=(("uuid",), ("email",), ("name",), ("attributes", "attribs"), ("status",)),
    columns={"email": ("email",), "name": ("name",)},
    consents={"consent.email.marketing": ("status",)},
    # Whom a list is sent to is said by the lists, which are not in the export.
    consent_words={"enabled": "none", "disabled": "withdrawn"},
    notes="The status says who is blocked; nobody has agreed by it.",
)

OMNISEND = Platform(
    name="omnisend",
    title="Omnisend, contacts",
    kind=CUSTOMERS,
    signature=(("email",), ("emailStatus",), ("emailStatusDate", "smsStatus")),
    columns={
        "email": ("email",),
        "phone": ("phone", "phone number"),
        "name": ("firstName+lastName",),
        "city": ("city",),
        "country": ("country", "countryCode"),
        "tags": ("tags",),
        "birthday": ("birthdate",),
    },
    consents={
        "consent.email.marketing": ("emailStatus",),
        "consent.email.marketing.at": ("emailStatusDate",),
        "consent.sms.marketing": ("smsStatus",),
        "consent.sms.marketing.at": ("smsStatusDate",),
    },
)

WOOCOMMERCE_CUSTOMERS = Platform(
    name="woocommerce-customers",
    title="WooCommerce, customers",
    kind=CUSTOMERS,
    # "Customer/Order CSV Export", and "User Export" of several makers, who all write WordPress's own names.
    signature=(
        ("billing_email", "user_email", "email"),
        ("customer_id", "ID", "user_login", "username"),
        ("billing_first_name", "first_name"),
        ("date_registered", "user_registered", "user_login", "username", "billing_postcode"),
    ),
    columns={
        "customer_id": ("customer_id", "ID"),
        "email": ("email", "user_email", "billing_email"),
        "phone": ("billing_phone", "phone"),
        "name": ("first_name+last_name", "billing_first_name+billing_last_name", "display_name"),
        "city": ("billing_city", "city", "shipping_city"),
        "country": ("billing_country", "country", "shipping_country"),
    },
    consents={
        "consent.email.marketing": (
            "mailchimp_woocommerce_is_subscribed",
            "mailpoet_subscribed",
            "newsletter",
            "newsletter_opt_in",
            "marketing_opt_in",
        ),
    },
    addresses={
        "address.billing.recipient": ("billing_first_name+billing_last_name",),
        "address.billing.company": ("billing_company",),
        "address.billing.line1": ("billing_address_1",),
        "address.billing.line2": ("billing_address_2",),
        "address.billing.city": ("billing_city",),
        "address.billing.region": ("billing_state", "billing_state_code"),
        "address.billing.postcode": ("billing_postcode",),
        "address.billing.country": ("billing_country",),
        "address.billing.phone": ("billing_phone",),
        "address.shipping.recipient": ("shipping_first_name+shipping_last_name",),
        "address.shipping.company": ("shipping_company",),
        "address.shipping.line1": ("shipping_address_1",),
        "address.shipping.line2": ("shipping_address_2",),
        "address.shipping.city": ("shipping_city",),
        "address.shipping.region": ("shipping_state", "shipping_state_code"),
        "address.shipping.postcode": ("shipping_postcode",),
        "address.shipping.country": ("shipping_country",),
        "address.shipping.phone": ("shipping_phone",),
    },
    notes="user_login is not read: a shop's orders do not name it.",
)

WOOCOMMERCE_ANALYTICS_CUSTOMERS = Platform(
    name="woocommerce-analytics-customers",
    title="WooCommerce Analytics, customers",
    kind=CUSTOMERS,
    signature=(("Email",), ("Total Spend",), ("AOV", "AOV (Average Order Value)"), ("Name",)),
    columns={
        "email": ("Email",),
        "name": ("Name",),
        "city": ("City",),
        "country": ("Country / Region", "Country"),
    },
    notes="Username is not read; the report has no number of a customer.",
)
