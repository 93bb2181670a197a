"""Shops, the people who work in them, their keys, and the record of what was done."""

import zoneinfo
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.password_validation import validate_password
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from crm.shops.names import validate_name
from crm.shops.roles import Right, Role, has_right
from crm.tenancy.scope import ShopModel

RESERVED_SLUGS = frozenset({"admin", "api", "platform", "static", "new", "account", "accounts", "demo-api", "s", "www"})
TEA_DEMO, CD_DEMO = "demo", "cdnow"  # The slugs of the demo shops that crm/demo/seed.py builds.
ROTATION_OVERLAP = timedelta(hours=24)


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone; write it like Europe/London."), params={"name": name})


def validate_currency(code: str) -> None:
    from babel.numbers import list_currencies  # Slow to import, needed only here.

    if code not in list_currencies():
        raise ValidationError(
            _("“%(code)s” is not a currency; write its three letters, like GBP."), params={"code": code}
        )


def validate_slug_is_free_word(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(
            _("“%(slug)s” is used by the program itself; please choose another."), params={"slug": slug}
        )


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Raises ValidationError: createsuperuser itself looks at no password that comes from the environment, and
        offers to pass over one that is typed."""
        if password is not None:
            validate_password(password, self.model(email=email, **fields))
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in, by e-mail. What they may do in a shop is their Membership there.

    Staff of the installation (is_staff) are accounts of their own: they log in to Django admin only.
    """

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_name])
    language = models.CharField(_("language"), max_length=16, blank=True)
    is_staff = models.BooleanField(_("works for the installation"), default=False)
    is_active = models.BooleanField(_("may log in"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name, verbose_name_plural = _("user"), _("users")

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)


class OneTimeStep(models.Model):
    """The last half minute whose one-time code this person has used. Global: it is asked for before any shop is known.

    A table of its own, not a column of User: saving a User read a moment ago would set it back.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("user"))
    step = models.BigIntegerField()  # half minutes since 1970 (RFC 6238)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.step}"


class Shop(models.Model):
    """One online shop: the tenant. Global: the slug must be found before any scope is open."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        SUNDAY = 6, _("Sunday")

    slug = models.SlugField(
        _("short name"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$", _("Use small letters, digits and hyphens.")),
            validate_slug_is_free_word,
        ],
    )
    name = models.CharField(_("name"), max_length=120, validators=[validate_name])
    currency = models.CharField(_("currency"), max_length=3, validators=[validate_currency])
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    language = models.CharField(_("language"), max_length=16, choices=Language.choices, default=Language.ENGLISH)
    week_start = models.SmallIntegerField(_("week starts on"), choices=Weekday.choices, default=Weekday.MONDAY)
    exchange_rates = models.JSONField(
        _("exchange rates"),
        default=dict,
        blank=True,
        help_text=_('Shop currency for one unit of the other, like {"EUR": "0.86"}.'),
    )
    requires_mfa = models.BooleanField(_("two-step sign-in required"), default=False)
    is_demo = models.BooleanField(_("demo shop"), default=False)
    created_at = models.DateTimeField(_("created"), default=now)

    class Meta:
        verbose_name, verbose_name_plural = _("shop"), _("shops")

    def __str__(self) -> str:
        return self.name

    @property
    def is_cd_demo(self) -> bool:
        """Whether this is the demo shop with the orders of 1997 and 1998, in which nobody has a name."""
        return self.is_demo and self.slug == CD_DEMO

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    def day_of(self, moment: datetime) -> date:
        """The shop's calendar day of an aware moment."""
        return moment.astimezone(self.zone).date()


class Membership(ShopModel):
    """One person's role in one shop."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, db_index=False, db_constraint=False, verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(_("since"), default=now)

    class Meta(ShopModel.Meta):
        default_related_name = "memberships"
        verbose_name, verbose_name_plural = _("membership"), _("memberships")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "user"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    def may(self, right: str) -> bool:
        return has_right(self.role, Right(right))


class Invitation(ShopModel):
    """An invitation by e-mail: bound to the address and the shop, used once. Only the hashes of its tokens are stored.

    The mailed token proves that whoever has it reads the address's mail. The link token, which the inviter may ask for
    and pass on by hand, proves nothing of the kind: it has another mail sent, with a signed token. All end with the
    invitation.
    """

    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    token_hash = models.CharField(max_length=64)  # of the mailed token
    link_hash = models.CharField(max_length=64, blank=True, default="")  # "" while nobody has asked for a link
    invited_by = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("created"), default=now)
    # None while the mail server has not taken the mail.
    sent_at = models.DateTimeField(_("mail sent"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta(ShopModel.Meta):
        default_related_name = "invitations"
        verbose_name, verbose_name_plural = _("invitation"), _("invitations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "token_hash"], name="invitation_token"),
            models.UniqueConstraint(
                fields=["shop", "link_hash"], name="invitation_link", condition=~models.Q(link_hash="")
            ),
            models.UniqueConstraint(
                fields=["shop", "email"],
                name="invitation_open_once",
                condition=models.Q(accepted_at=None, revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


STOREFRONT_LENGTH = 40


class ApiKey(ShopModel):
    """A key of the REST API. The key itself is shown once; here lies its SHA-256.

    `source`: which storefront it speaks for, "" for the shop's own. Two may have a customer 17 each.
    """

    class Kind(models.TextChoices):
        SECRET = "sk", _("Secret key (servers)")
        PUBLISHABLE = "pk", _("Publishable key (browsers)")

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=2, choices=Kind.choices, default=Kind.SECRET)
    hint = models.CharField(_("begins with"), max_length=16)
    key_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=32), default=list, blank=True, verbose_name=_("scopes"))
    source = models.CharField(_("storefront"), max_length=STOREFRONT_LENGTH, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created"), default=now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked since"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    rotated_from = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("replaces the key"),
    )

    class Meta(ShopModel.Meta):
        default_related_name = "api_keys"
        verbose_name, verbose_name_plural = _("API key"), _("API keys")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "key_hash"], name="api_key_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def is_usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class AuditHead(ShopModel):
    """The end of a shop's audit chain; its row lock puts writers in order."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta(ShopModel.Meta):
        default_related_name = "audit_heads"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop"], name="audit_head_once"),
        ]


class AuditEntry(ShopModel):
    """One thing that a person, a key or the system did. Never updated, never deleted; holds no personal data."""

    class Actor(models.TextChoices):
        USER = "user", _("Person")
        KEY = "key", _("API key")
        SYSTEM = "system", _("Huitou")

    seq = models.BigIntegerField(_("number in the chain"))
    at = models.DateTimeField(_("when"))
    actor_kind = models.CharField(_("kind of actor"), max_length=8, choices=Actor.choices)
    actor_id = models.BigIntegerField(_("actor's ID"), null=True)
    action = models.CharField(_("what"), max_length=64)
    object_type = models.CharField(_("kind of object"), max_length=64)
    object_id = models.BigIntegerField(_("object's ID"), null=True)
    details = models.JSONField(_("details"), default=dict)
    prev_hash = models.CharField(_("hash of the entry before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta(ShopModel.Meta):
        default_related_name = "audit_entries"
        verbose_name, verbose_name_plural = _("audit entry"), _("audit log")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "seq"], name="audit_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class IdempotencyRecord(ShopModel):
    """The first answer to a POST with an Idempotency-Key, replayed to every repetition for 72 hours."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True)
    content_type = models.CharField(max_length=80, blank=True)
    body = models.BinaryField(null=True)

    class Meta(ShopModel.Meta):
        default_related_name = "idempotency_records"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "api_key", "method", "path", "key"], name="idempotency_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shop", "created_at"], name="idempotency_age"),
        ]
