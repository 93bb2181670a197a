from datetime import UTC, datetime, timedelta

from crm.shops.audit.chain import record
from crm.shops.keys import create_key
from crm.shops.models import ApiKey, AuditEntry, AuditHead, IdempotencyRecord, Invitation, Membership, Shop, User
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
PASSWORD = "correct horse battery"


def canary(shop):
    """The text that only rows of this shop contain."""
    return f"canary-{shop.slug}"


def shop(slug, **fields):
    """A shop in London that counts in pounds."""
    defaults = {"name": slug.title(), "currency": "GBP", "timezone": "Europe/London"}
    return Shop.objects.create(slug=slug, **(defaults | fields))


def member(shop, role=Role.OWNER, email=None):
    """A new person, with the password PASSWORD, who has this role in the shop. Returns the User."""
    user = User.objects.create_user(email or f"{role}@{shop.slug}.example", PASSWORD, name=role.title())
    with shop_scope(shop):
        Membership.objects.create(shop=shop, user=user, role=role)
    return user


# One row of each model, for tests that ask what leaks


def make_membership(shop, made):
    user = User.objects.create_user(f"{canary(shop)}-member@example.com", name=f"{canary(shop)} member")
    return Membership.objects.create(shop=shop, user=user, role=Role.AGENT)


def make_invitation(shop, made):
    return Invitation.objects.create(
        shop=shop,
        email=f"{canary(shop)}-invited@example.com",
        role=Role.AGENT,
        token_hash=f"{canary(shop)}-token",
        invited_by=made[Membership].user,
        sent_at=NOW,
        expires_at=NOW + timedelta(days=3650),
    )


def make_api_key(shop, made):
    """Its hint carries no canary: the hint is the beginning of the key itself."""
    key, _ = create_key(shop, name=f"{canary(shop)} key", by=None)
    return key


def make_audit_entry(shop, made):
    return record("test.canary", made[ApiKey], by=None, details={"canary": canary(shop)})


def make_audit_head(shop, made):
    return AuditHead.objects.get()


def make_idempotency_record(shop, made):
    return IdempotencyRecord.objects.create(
        shop=shop,
        api_key=made[ApiKey],
        method="POST",
        path=f"/api/v1/{canary(shop)}",
        key=f"{canary(shop)}-key",
        body_hash=f"{canary(shop)}-hash",
        created_at=NOW,
        status=200,
        body=canary(shop).encode(),
    )


FACTORIES = {
    Membership: make_membership,
    Invitation: make_invitation,
    ApiKey: make_api_key,
    AuditEntry: make_audit_entry,
    AuditHead: make_audit_head,
    IdempotencyRecord: make_idempotency_record,
}
