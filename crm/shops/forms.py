"""Forms of shops and people: they check shape; the actions behind them check rules."""

import logging
import zoneinfo
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from allauth.account.adapter import get_adapter
from babel.numbers import get_currency_name
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _

from crm.lib import mail_files
from crm.shops.actions import create_shop, is_first_owner
from crm.shops.audit import sentences
from crm.shops.exchange_rates import is_usable
from crm.shops.models import RESERVED_SLUGS, STOREFRONT_LENGTH, ApiKey, Shop, User, validate_currency
from crm.shops.names import validate_name
from crm.shops.passwords import refuse_guessable
from crm.shops.roles import ApiScope, Role, may_grant
from crm.tenancy.scope import current_shop_id

logger = logging.getLogger(__name__)

# Those most shops trade in; a shop that has another keeps it, and `manage.py create_shop` takes any.
CURRENCIES = (
    "CNY", "GBP", "EUR", "USD", "AED", "ARS", "AUD", "BDT", "BGN", "BRL", "CAD", "CHF", "CLP", "COP", "CZK", "DKK",
    "EGP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "KWD", "KZT", "LKR", "MAD", "MOP", "MXN",
    "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "SAR", "SEK", "SGD", "THB", "TRY",
    "TWD", "UAH", "UYU", "VND", "ZAR",
)  # fmt: skip
MAX_SLUG = 40


def offer(form: forms.Form, field: str, choices: list[tuple[str, Any]]) -> None:
    """Choices known only when the form is made."""
    cast(forms.ChoiceField, form.fields[field]).choices = choices


def currency_choices(own: str = "") -> list[tuple[str, str]]:
    locale = to_locale(get_language() or "en")
    codes = CURRENCIES if not own or own in CURRENCIES else (own, *CURRENCIES)
    return [(code, f"{code} · {get_currency_name(code, locale=locale)}") for code in codes]


def zone_choices(own: str = "") -> list[tuple[str, str]]:
    """Places, without the old and technical names such as EST5EDT."""
    places = {"UTC", *filter(None, [own])}
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    places |= {name for name in zoneinfo.available_timezones() if name.partition("/")[0] in regions}
    return [(name, name.replace("_", " ")) for name in sorted(places)]


def free_slug(name: str, *, for_email: str = "") -> str:
    """A short name made from the shop's name that no shop has; "shop-…" where the name has no Latin letters."""
    stem = _whole_words(slugify(name), most=MAX_SLUG - 4) or "shop"
    taken = set(Shop.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED_SLUGS
    candidates = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(slug for slug in candidates if slug not in taken and not _is_held(slug, for_email))


def _whole_words(slug: str, *, most: int) -> str:
    """At most so many characters of it, cut at a word's end where it has one."""
    if len(slug) > most:
        slug = slug[: most + 1].rpartition("-")[0] or slug[:most]
    return slug.strip("-")


def hold_slug(slug: str, *, for_email: str) -> None:
    """As if a shop had been opened with it and nobody had confirmed the address (crm/shops/actions.py).

    Whoever has the address signs in instead, and opens the shop under this name.
    """
    days = settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS
    cache.set(f"held-slug:{slug}", for_email.lower(), timeout=days * 24 * 3600)


def _is_held(slug: str, for_email: str) -> bool:
    holder = cache.get(f"held-slug:{slug}")
    return holder is not None and holder != for_email.lower()


class ShopForm(forms.Form):
    """A new shop."""

    shop_name = forms.CharField(label=_("Name of the shop"), max_length=120, validators=[validate_name])
    slug = forms.CharField(
        label=_("Short name"),
        max_length=MAX_SLUG,
        required=False,
        help_text=_("It stands in the address of your pages and cannot be changed. Left empty, we make one."),
        widget=forms.TextInput(attrs={"data-slug-from": "shop_name", "autocomplete": "off", "spellcheck": "false"}),
    )
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("What your totals are counted in."))
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("It decides on which day an order falls."),
        widget=forms.Select(attrs={"data-guess-zone": ""}),
    )
    language = forms.ChoiceField(label=_("Language of the shop"), choices=Shop.Language.choices)

    def __init__(self, *args: Any, for_email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.for_email = for_email
        offer(self, "currency", currency_choices())
        offer(self, "timezone", zone_choices())
        is_chinese = (get_language() or "").startswith("zh")
        self.fields["currency"].initial = "CNY" if is_chinese else "GBP"
        self.fields["timezone"].initial = "Asia/Shanghai" if is_chinese else "Europe/London"
        self.fields["language"].initial = Shop.Language.CHINESE if is_chinese else Shop.Language.ENGLISH

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].strip().lower()
        if not slug:
            return free_slug(self.cleaned_data.get("shop_name", ""), for_email=self.for_email)
        try:
            Shop._meta.get_field("slug").run_validators(slug)
        except ValidationError as error:
            raise error.error_list[-1] from error  # The last is ours, and narrower than Django's own.
        if Shop.objects.filter(slug=slug).exists() or _is_held(slug, self.for_email):
            free = free_slug(slug, for_email=self.for_email)
            taken = gettext("“%(slug)s” is taken. “%(free)s” is free.") % {"slug": slug, "free": free}
            raise ValidationError(taken, code="taken")
        return slug

    def create(self, owner: User, *, shop_id: int | None = None) -> Shop:
        data = self.cleaned_data
        return create_shop(
            data["slug"],
            name=data["shop_name"],
            currency=data["currency"],
            timezone=data["timezone"],
            language=data["language"],
            owner=owner,
            by=owner,
            shop_id=shop_id,
        )


class ShopSignupForm(ShopForm):
    """What sign-up asks besides e-mail and password. crm.shops.views.signup opens the scope around it."""

    field_order = ("shop_name", "slug", "currency", "timezone", "language", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is saved, in the same transaction."""
        user.language = self.cleaned_data["language"]
        user.save(update_fields=["language"])
        shop = self.create(user, shop_id=current_shop_id())
        folder = mail_files.shown_folder()
        if folder and is_first_owner(user, shop):
            _let_in(request, user, folder)


def _let_in(request: HttpRequest, user: User, folder: str) -> None:
    """Without the mail: those who set up a machine of their own would only have to find its file."""
    get_adapter().stash_verified_email(request, user.email)
    logger.warning("The first owner is let in with an address nobody has confirmed, as mail goes to files.")
    words = gettext(
        "You are in without confirming %(email)s, as you are the first here and mail goes to files in %(folder)s. "
        "Everybody after you opens the link in such a file."
    )
    messages.warning(request, words % {"email": user.email, "folder": folder})


class ShopSettingsForm(forms.Form):
    """What may change about a shop. `has_books`: its currency and time zone stay, with the reason shown.

    It carries what it showed: a colleague may have changed another field meanwhile.
    """

    name = forms.CharField(label=_("Name"), max_length=120, validators=[validate_name])
    language = forms.ChoiceField(
        label=_("Language"), choices=Shop.Language.choices, help_text=_("The language of mails the shop sends.")
    )
    week_start = forms.TypedChoiceField(label=_("The week starts on"), choices=Shop.Weekday.choices, coerce=int)
    currency = forms.ChoiceField(label=_("Currency"))
    timezone = forms.ChoiceField(label=_("Time zone"))
    exchange_rates = forms.CharField(
        label=_("Exchange rates"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )

    def __init__(self, shop: Shop, *args: Any, has_books: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _shown(shop)} | kwargs)
        self.shop = shop
        offer(self, "currency", currency_choices(shop.currency))
        offer(self, "timezone", zone_choices(shop.timezone))
        self.fields["currency"].disabled = self.fields["timezone"].disabled = has_books
        if has_books:
            self.fields["currency"].help_text = _("It stays: the orders you have are counted in it.")
            self.fields["timezone"].help_text = _("It stays: the orders you have lie on days of this zone.")
        self.fields["exchange_rates"].help_text = _(
            "One line for each other currency you sell in: what one unit is worth in %(currency)s, like EUR = 0.86"
        ) % {"currency": shop.currency}
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_exchange_rates(self) -> dict[str, str]:
        rates: dict[str, str] = {}
        for line in filter(str.strip, self.cleaned_data["exchange_rates"].splitlines()):
            code, _sign, number = line.replace(":", "=").partition("=")
            code = code.strip().upper()
            validate_currency(code)
            if code == self.shop.currency or code in rates:
                raise ValidationError(_("%(code)s stands here once too often."), params={"code": code})
            rates[code] = _rate(number.strip())
        return rates

    def changes(self) -> dict[str, Any]:
        """The shop's fields that are to be different from what was shown."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _shown(shop: Shop) -> dict[str, Any]:
    fields = ("name", "language", "week_start", "currency", "timezone")
    rates = "\n".join(f"{code} = {rate}" for code, rate in sorted(shop.exchange_rates.items()))
    return {name: getattr(shop, name) for name in fields} | {"exchange_rates": rates}


def _rate(text: str) -> str:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not is_usable(rate):
        raise ValidationError(_("“%(text)s” is not a rate; write lines like EUR = 0.86."), params={"text": text})
    return f"{rate:f}"


def role_choices(giver: str) -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in Role if may_grant(giver, role)]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, giver: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "role", role_choices(giver))
        self.fields["role"].initial = Role.AGENT


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class NewPersonForm(forms.Form):
    """Who was invited and has no account yet; the address is the invitation's."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a few words make a good one."),
    )

    def __init__(self, email: str, shop: Shop, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email, self.shop = email, shop

    def clean(self) -> dict[str, Any]:
        password = self.cleaned_data.get("password")
        if password:
            person = User(email=self.email, name=self.cleaned_data.get("name", ""))
            try:
                get_adapter().clean_password(password, user=person)
                refuse_guessable(password, names=[self.shop.name, self.shop.slug])
            except ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


class StorefrontField(forms.CharField):
    """The name of one of the shop's storefronts, in one line; "" for its own. Those there are stand in a list of the
    page, whose id is `storefronts`.
    """

    def __init__(self, **kwargs: Any) -> None:
        own: dict[str, Any] = {
            "label": _("Storefront"),
            "max_length": STOREFRONT_LENGTH,
            "required": False,
            "widget": forms.TextInput(attrs={"list": "storefronts", "autocomplete": "off"}),
            "help_text": _(
                "Only where customer numbers are not your own shop's, such as a marketplace's: two storefronts may "
                "each have a customer 17."
            ),
        }
        super().__init__(**(own | kwargs))

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if not value.isprintable():
            raise ValidationError(_("The name has characters that cannot be read."), code="unreadable")


class KeyForm(forms.Form):
    """A new API key."""

    LIFETIMES = (("", _("Never")), ("30", _("In 30 days")), ("90", _("In 90 days")), ("365", _("In a year")))

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What will use it, like “web shop”."))
    kind = forms.ChoiceField(
        label=_("Kind"), choices=ApiKey.Kind.choices, initial=ApiKey.Kind.SECRET, widget=forms.RadioSelect
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=ApiScope.choices,
        initial=ApiScope.values,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    lifetime = forms.ChoiceField(label=_("Expires"), choices=LIFETIMES, required=False)
    source = StorefrontField()

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        # A key that anybody can read out of a page must open nothing; who picks it has not unticked the boxes.
        if data.get("kind") == ApiKey.Kind.PUBLISHABLE:
            data["scopes"] = []
            data["source"] = ""
        elif not data.get("scopes"):
            self.add_error("scopes", _("Tick at least one, else the key opens nothing."))
        return data

    def expires_at(self, now: datetime) -> datetime | None:
        days = self.cleaned_data["lifetime"]
        return now + timedelta(days=int(days)) if days else None


def _day() -> forms.DateInput:
    # The browser's own calendar wants and gives ISO dates, whatever the language.
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class AuditFilterForm(forms.Form):
    """Filters of the audit log; whatever makes no sense is left out, as the address may be anything."""

    action = forms.ChoiceField(label=_("What"), required=False)
    person = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)
    since = forms.DateField(label=_("From"), required=False, widget=_day())
    until = forms.DateField(label=_("To"), required=False, widget=_day())

    def __init__(self, people: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "action", [("", _("Anything")), *sentences.labels()])
        offer(self, "person", [("", _("Anybody")), *((str(pk), name) for pk, name in people)])

    def bounds(self, shop: Shop) -> tuple[datetime | None, datetime | None]:
        """The moments between which the entries lie: the shop's days, both included."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        # The calendar ends with the year 9999, and has no day behind its last one.
        until = min(until, date.max - timedelta(days=2)) if until else None
        return (
            datetime.combine(since, datetime.min.time(), shop.zone) if since else None,
            datetime.combine(until + timedelta(days=1), datetime.min.time(), shop.zone) if until else None,
        )
